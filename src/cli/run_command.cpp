// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>

#include "base/text_values.h"
#include "base/thread.h"
#include "base/version.h"
#include "cli/command_line.h"
#include "cli/logger_parts.h"
#include "config/port_check.h"
#include "control/control_client.h"
#include "control/control_server.h"
#include "control/daemon_requests.h"
#include "control/status_metrics.h"
#include "daemon/renewal.h"
#include "daemon/service_manager.h"
#include "daemon/signals.h"
#include "daemon/start_memory.h"
#include "terminal/logging.h"
#include "terminal/output.h"

namespace pwlog {
namespace {

using std::chrono::milliseconds;

/// After SIGTERM: what is pending may still go out for so long. The whole end takes less than two
/// seconds.
constexpr auto last_shipment = milliseconds(1000);
/// The main thread looks after what has no thread of its own at least as often.
constexpr auto longest_turn = std::chrono::seconds(30);
/// So long after a start or a reload the devices have been read and documents shipped.
constexpr auto settling = std::chrono::seconds(30);

struct RunOptions {
    const CommonOptions* common = nullptr;
    std::filesystem::path metrics_file;  // empty: none
    bool as_root = false;
};

/// What SIGHUP changes: all but what only a start can.
Result<WaitsForRestart> read_again(Config& config, const CommonOptions& common,
                                   LoggerParts& parts) {
    auto next = load_config(common.config_file);
    const RenewableParts renewable{*parts.agent, *parts.shipper, *parts.relay, parts.mqtt,
                                   parts.clock};
    const auto renewed = next ? renew(config, *next, renewable) : Result<void>(pass_on(next));
    if (!renewed && has_thread_failed()) {
        return pass_on(renewed);
    }
    if (!renewed) {
        spdlog::error(
            "the configuration could not be read again, the old one holds, and what may be "
            "switched stays as it was: {}",
            renewed.error().message);
        return pass_on(renewed);
    }
    set_log_level(common.log_level.value_or(next->log_level));
    auto waiting = parts.reload.took_over(next->marks);
    config = std::move(*next);
    if (waiting.empty()) {
        spdlog::info("configuration read again");
    } else {
        spdlog::warn("configuration read again; what changed in {} needs a restart",
                     fmt::join(waiting, ", "));
    }
    return waiting;
}

void reload(Config& config, const CommonOptions& common, LoggerParts& parts,
            const ServiceManager& manager) {
    manager.reloading();
    parts.shipper->look_again();
    parts.reload.begins();
    const auto read = read_again(config, common, parts);
    parts.reload.ended(read);
    manager.ready(read ? "configuration read again"
                       : "the configuration could not be read again, the old one holds");
}

/// Lives until a signal ends it; feeds the watchdog only while every sampler comes round.
std::string serve(Config& config, const CommonOptions& common, LoggerParts& parts,
                  const Signals& signals, MetricsFile& metrics) {
    const ServiceManager manager;
    const auto watchdog = manager.watchdog_period();
    auto turn = std::chrono::nanoseconds(longest_turn);
    if (watchdog) {
        turn = std::min<std::chrono::nanoseconds>(turn, *watchdog / 3);
    }
    const auto devices = config.pdus.size() + config.ats.size() + config.ups.size();
    manager.ready(fmt::format("reading {}", counted(devices, "device")));
    bool was_alive = true;
    SteadyTime due = parts.clock.steady_now();
    SteadyTime settled = due + settling;
    while (true) {
        const auto signal = signals.wait(due - parts.clock.steady_now());
        if (signal == Signals::Kind::stop) {
            manager.stopping();
            return has_thread_failed() ? "a thread failed" : "asked to stop";
        }
        if (signal == Signals::Kind::sample_now) {
            parts.agent->sample_now();
        }
        if (signal == Signals::Kind::reload) {
            reload(config, common, parts, manager);
            settled = parts.clock.steady_now() + settling;
        }
        if (parts.clock.steady_now() >= settled) {
            give_back_start();
            settled = SteadyTime::max();
        }
        const auto spool_due = parts.spool->tick();
        const auto shipping = parts.shipper->status();
        parts.agent->perform_duties(shipping.latency);
        tell_of_conflicts(parts);
        due = std::min({parts.clock.steady_now() + turn, spool_due, parts.agent->next_duty(),
                        metrics.perform()});
        const bool alive = parts.agent->is_alive();
        if (alive) {
            manager.feed_watchdog();
        } else if (was_alive) {
            spdlog::critical("a sampler is stuck: the watchdog is not fed any more");
        }
        was_alive = alive;
    }
}

/// Error: no thread can be made for one of them; what runs by then is to be stopped.
Result<void> start_all(LoggerParts& parts) {
    auto started = parts.shipper->start();
    if (const auto mqtt = parts.mqtt.get(); started && mqtt) {
        started = mqtt->start();
    }
    if (started) {
        started = parts.agent->start();
    }
    if (!started) {
        return started;
    }
    // Clients of the control socket, and the resolver of shipping and of the broker.
    const std::size_t wanted = ControlServerOptions().most_clients + 2;
    if (const auto spare = spare_threads(wanted); spare < wanted) {
        spdlog::warn(
            "only {} of {} more threads can be made, for clients and for resolving names: raise "
            "TasksMax= (systemctl edit pwlog)",
            spare, wanted);
    }
    return {};
}

/// Nobody is asked anything any more, then nobody reads, then nothing is sent.
int end_all(LoggerParts& parts, const Result<void>& running, const std::string& reason) {
    const auto last_mqtt = parts.mqtt.get();
    if (last_mqtt) {
        last_mqtt->stop_commands();
    }
    parts.agent->stop(reason);
    auto flushed = parts.spool->flush();
    parts.shipper->stop(last_shipment);
    if (last_mqtt) {
        last_mqtt->stop();
    }
    if (!flushed) {
        return fail_with(flushed.error(), ExitCode::spool);
    }
    if (!running) {
        return fail_with(running.error(), ExitCode::failure);
    }
    return status_of(has_thread_failed() ? ExitCode::failure : ExitCode::ok);
}

int run_daemon(const RunOptions& options) {
    const Signals signals;  // before the first thread
    auto config = read_config(*options.common);
    if (!config) {
        return status_of(ExitCode::usage);
    }
    if (geteuid() == 0 && !options.as_root) {
        return fail_with(Error{ErrorKind::invalid,
                               "root is not needed: run it as a user of its own in the group "
                               "dialout, as pwlog.service does, or give --as-root"},
                         ExitCode::usage);
    }
    for (const auto& problem : check_port_names(*config)) {
        spdlog::warn("{}: {}; {}", problem.device, problem.message, problem.next);
    }
    LoggerParts parts;
    if (const auto status = assemble(*config, parts, StopOnSignal().token())) {
        return *status;
    }
    parts.reload.started_with(config->marks);
    auto mqtt = make_mqtt(*config, *parts.agent, parts.clock);
    if (!mqtt) {
        return fail_with(mqtt.error(), ExitCode::usage);
    }
    if (*mqtt) {
        parts.mqtt.set(*mqtt);
        parts.relay->show_to({*mqtt, (*mqtt)->board.get()});
    }
    ControlServerOptions control;
    control.path = control_socket_path(config->control_socket);
    const DaemonParts daemon{*parts.agent, *parts.shipper, *parts.spool, parts.mqtt, parts.reload};
    MetricsFile metrics(
        options.metrics_file, [&daemon] { return status_json(daemon); }, parts.clock);
    auto server = ControlServer::open(control, daemon_handlers(daemon));
    if (!server) {
        return fail_with(server.error(), server.error().kind == ErrorKind::busy
                                             ? ExitCode::busy
                                             : ExitCode::failure);
    }
    spdlog::info("pwlog {}: {}, {} ATS, spool {}", version, counted(config->pdus.size(), "PDU"),
                 config->ats.size(), config->spool.path.string());
    const auto running = start_all(parts);
    const std::string reason = running ? serve(*config, *options.common, parts, signals, metrics)
                                       : running.error().message;
    spdlog::info("stopping: {}", reason);
    server->reset();
    return end_all(parts, running, reason);
}

}  // namespace

void setup_run(CommandLine& line) {
    const auto [command, options] =
        line.add("run", "Read the devices, store and ship the readings, until SIGTERM",
                 "pwlog run --config /etc/pwlog/pwlog.toml", run_daemon);
    add_value(command, "--metrics-file FILE", options.metrics_file,
              "Every 15 s, write the status for the textfile collector of Prometheus' "
              "node_exporter");
    command.add_flag("--as-root", options.as_root,
                     "Run even as root, which is refused otherwise: nothing here needs it");
}

}  // namespace pwlog
