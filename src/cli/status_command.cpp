// SPDX-License-Identifier: MIT
#include "base/text_values.h"
#include "cli/command_line.h"
#include "cli/status_check.h"
#include "cli/status_text.h"
#include "control/control_client.h"
#include "control/status_metrics.h"
#include "terminal/output.h"

namespace pwlog {

namespace {

struct StatusOptions {
    const CommonOptions* common = nullptr;
    bool json = false;
    bool devices = false;
    bool all = false;
    std::string warn;
    std::string crit;
    std::filesystem::path metrics_file;
};

/// `config`: none where it cannot be read.
template <class MaybeConfig>
Result<ControlClient> connect_to_daemon(const MaybeConfig& config) {
    return ControlClient::connect(control_socket_path(config ? config->control_socket : ""));
}

/// For a monitoring system: it reads one line and the exit status, whatever happens.
int answer_check(const StatusOptions& options) {
    using State = CheckAnswer::State;
    constexpr auto patience = std::chrono::seconds(8);  // such systems wait ten
    const auto say = [](const CheckAnswer& answer) {
        print(answer.line + '\n');
        return static_cast<int>(answer.state);
    };
    CheckLimits limits;
    const auto read = [&](const std::string& text, std::chrono::milliseconds& limit) {
        const auto duration = text.empty() ? std::optional(limit) : parse_duration(text);
        limit = duration.value_or(limit);
        return duration.has_value();
    };
    if (!read(options.warn, limits.warn) || !read(options.crit, limits.crit) ||
        limits.crit < limits.warn) {
        return say(check_failed(State::unknown,
                                "--warn and --crit: expected durations such as "
                                "5min and 30min, the second one longer"));
    }
    const auto config = load_config(options.common->config_file);
    auto daemon = connect_to_daemon(config);
    if (!daemon) {
        const bool absent = config && daemon.error().kind == ErrorKind::not_found;
        return say(check_failed(absent ? State::critical : State::unknown,
                                config ? daemon.error().message : config.error().message));
    }
    const auto status = ask_status(*daemon, patience);
    if (!status) {
        return say(check_failed(State::critical, status.error().message));
    }
    return say(check_status(*status, limits, to_timestamp(SystemClock().wall_now())));
}

/// As it was asked for: into a file, as JSON, or for a person.
Result<void> show(const StatusOptions& options, std::string_view json) {
    if (!options.metrics_file.empty()) {
        const auto status = parse_daemon_status(json);
        return status ? write_metrics(options.metrics_file, *status) : pass_on(status);
    }
    if (options.json || (!output_is_terminal() && !options.all)) {
        print(std::string(json) + '\n');
    } else {
        print(status_text(json, to_timestamp(SystemClock().wall_now()), output_columns(),
                          options.all));
    }
    return {};
}

int run_status(const StatusOptions& options) {
    if (options.devices) {
        return show_device_status(*options.common, options.json);
    }
    if (!options.warn.empty() || !options.crit.empty()) {
        return answer_check(options);
    }
    // A daemon that was started with a better file can say how it is all the same.
    const auto config = read_config(*options.common);
    auto daemon = connect_to_daemon(config);
    if (!daemon) {
        return config ? fail_with(daemon.error(), ExitCode::failure) : status_of(ExitCode::usage);
    }
    const auto asked = daemon->ask(
        {"status", {}}, [&options](std::string_view json) { return show(options, json); });
    return asked ? status_of(ExitCode::ok) : fail_with(asked.error(), ExitCode::failure);
}

}  // namespace

void setup_status(CommandLine& line) {
    const auto [status, options] =
        line.add("status", "What the running daemon is doing: devices, shipping, spool",
                 "pwlog status", run_status);
    add_json(status, options.json);
    status.add_flag("--devices", options.devices,
                    "Ask the devices themselves, with or without a daemon");
    status.add_flag("--all", options.all,
                    "List every device, even if there are many and they have no problems");
    add_value(status, "--warn DURATION", options.warn,
              "Answer as a Nagios check: warning if a device's newest sample or a waiting document "
              "is older (5min)");
    add_value(status, "--crit DURATION", options.crit, "The same, critical (30min)");
    add_value(status, "--metrics-file FILE", options.metrics_file,
              "Write it for the textfile collector of Prometheus' node_exporter");
}

}  // namespace pwlog
