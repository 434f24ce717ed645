// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <csignal>
#include <filesystem>

#include "cli/command_line.h"
#include "simulator/simulation.h"
#include "terminal/logging.h"
#include "terminal/output.h"

namespace pwlog {
namespace {

struct SimulateOptions {
    simulator::SimulationOptions simulation;
    std::string think = "5ms";  ///< as typed
    bool unpaced = false;
};

void print_device(const simulator::Served& device) {
    std::error_code ignored;
    const auto target = std::filesystem::read_symlink(device.path(), ignored);
    print(fmt::format("{} {} -> {}\n", device.name(), device.path(), target.string()));
}

/// From now on, and in every thread started later, these two only wake sigwait.
sigset_t block_end_signals() {
    sigset_t signals{};
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

int run_simulate(const SimulateOptions& options) {
    set_up_logging(LogLevel::info);
    auto simulated = options.simulation;
    simulated.paced = !options.unpaced;
    simulator::Words think(options.think);
    simulated.think = think.take_duration("--think: a duration");
    if (const auto taken = think.finish(); !taken) {
        print_problem(taken.error().message);
        return status_of(ExitCode::usage);
    }
    const auto end_signals = block_end_signals();
    const auto simulation = simulator::Simulation::start(simulated);
    if (!simulation) {
        print_problem(simulation.error().message);
        return status_of(simulation.error().kind == ErrorKind::io ? ExitCode::failure
                                                                  : ExitCode::usage);
    }
    for (const auto& device : (*simulation)->devices()) {
        print_device(*device);
    }
    print("ready\n");
    int received = 0;
    sigwait(&end_signals, &received);
    return status_of(ExitCode::ok);
}

}  // namespace

void setup_simulate(CommandLine& line) {
    const auto [command, options] = line.add(
        "simulate", "PDUs and ATSs on pseudo-terminals, paced at 2400 baud, until SIGTERM",
        "pwlog simulate --pdu /tmp/pdu --ats /tmp/ats --control /tmp/simulator.sock", run_simulate);
    auto& simulation = options.simulation;
    add_value(command, "--pdu LINK", simulation.pdu_links,
              "Link under which a PDU is served; may be repeated")
        ->allow_extra_args(false);
    add_value(command, "--ats LINK", simulation.ats_links,
              "Link under which an ATS is served; may be repeated")
        ->allow_extra_args(false);
    command.add_flag("--captures", simulation.captures,
                     "Replay recorded answers byte for byte, indefinitely");
    command.add_option("--seed", simulation.seed, "Seed for values and faults")
        ->capture_default_str();
    add_value(command, "--think TIME", options.think, "A device's own delay before each answer")
        ->capture_default_str();
    command.add_flag("--unpaced", options.unpaced, "Not limited to 2400 baud");
    constexpr double slowest = 0.001;
    constexpr double fastest = 100'000;
    command
        .add_option("--time-factor", simulation.time_factor,
                    "How fast time passes inside the devices")
        ->check(CLI::Range(slowest, fastest))
        ->capture_default_str();
    add_value(command, "--script FILE", simulation.script, "Lines such as `at 30s unplug 2s`");
    add_value(command, "--control SOCKET", simulation.control,
              "Socket that accepts such lines, without a time");
    add_value(command, "--log FILE", simulation.log, "Log of every answer as intended and as sent");
}

}  // namespace pwlog
