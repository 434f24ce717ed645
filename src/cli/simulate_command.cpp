// SPDX-License-Identifier: MIT
#include "cli/simulate_command.h"

#include <fmt/format.h>

#include <csignal>
#include <filesystem>

#include "terminal/logging.h"
#include "terminal/output.h"

namespace pwlog {
namespace {

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

}  // namespace

void setup_simulate(CommandLine& line) {
    const auto options = std::make_shared<SimulateOptions>();
    auto& simulation = options->simulation;
    auto& command =
        line.add("simulate", "PDUs and ATSs on pseudo-terminals, paced at 2400 baud, until SIGTERM",
                 "pwlog simulate --pdu /tmp/pdu --ats /tmp/ats --control /tmp/simulator.sock",
                 options, &run_simulate);
    command
        .add_option("--pdu", simulation.pdu_links,
                    "Link under which a PDU is served; may be repeated")
        ->type_name("LINK")
        ->allow_extra_args(false);
    command
        .add_option("--ats", simulation.ats_links,
                    "Link under which an ATS is served; may be repeated")
        ->type_name("LINK")
        ->allow_extra_args(false);
    command.add_flag("--captures", simulation.captures,
                     "Replay recorded answers byte for byte, indefinitely");
    command.add_option("--seed", simulation.seed, "Seed for values and faults")
        ->capture_default_str();
    command.add_option("--think", options->think, "A device's own delay before each answer")
        ->type_name("TIME")
        ->capture_default_str();
    command.add_flag("--unpaced", options->unpaced, "Not limited to 2400 baud");
    constexpr double slowest = 0.001;
    constexpr double fastest = 100'000;
    command
        .add_option("--time-factor", simulation.time_factor,
                    "How fast time passes inside the devices")
        ->check(CLI::Range(slowest, fastest))
        ->capture_default_str();
    command.add_option("--script", simulation.script, "Lines such as `at 30s unplug 2s`")
        ->type_name("FILE");
    command
        .add_option("--control", simulation.control,
                    "Socket that accepts such lines, without a time")
        ->type_name("SOCKET");
    command.add_option("--log", simulation.log, "Log of every answer as intended and as sent")
        ->type_name("FILE");
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

}  // namespace pwlog
