// SPDX-License-Identifier: MIT
#include "cli/status_command.h"

#include <fmt/format.h>

#include "cli/overview_command.h"
#include "cli/status_text.h"
#include "control/control_client.h"
#include "terminal/output.h"

namespace pwlog {

namespace {

struct StatusOptions {
    const CommonOptions* common = nullptr;
    bool json = false;
    bool devices = false;
};

int no_daemon(const Error& error) {
    print_problem(error.message);
    if (error.kind == ErrorKind::not_found) {
        print_problem("no daemon runs: `systemctl start pwlog`, or `pwlog run`");
    } else if (error.kind == ErrorKind::denied) {
        print_problem(
            "use sudo, or join the group pwlog: `usermod -aG pwlog NAME`, then log in again");
    }
    return status_of(ExitCode::failure);
}

int run_status(const StatusOptions& options) {
    if (options.devices) {
        return show_device_status(*options.common, options.json);
    }
    // A daemon that was started with a better file can say how it is all the same.
    const auto config = read_config(*options.common);
    auto daemon = ControlClient::connect(control_socket_path(config ? config->control_socket : ""));
    if (!daemon) {
        return config ? no_daemon(daemon.error()) : status_of(ExitCode::usage);
    }
    const bool table = !options.json && output_is_terminal();
    const auto asked = daemon->ask({"status", {}}, [table](std::string_view json) -> Result<void> {
        print(table ? status_text(json, to_timestamp(SystemClock().wall_now()), output_columns())
                    : std::string(json) + '\n');
        return {};
    });
    if (!asked) {
        print_problem(asked.error().message);
        return status_of(ExitCode::failure);
    }
    return status_of(ExitCode::ok);
}

}  // namespace

void setup_status(CommandLine& line) {
    auto options = std::make_shared<StatusOptions>();
    options->common = &line.common;
    CLI::App& status = line.add<StatusOptions>(
        "status", "What the running daemon is doing: devices, shipping, spool", "pwlog status",
        options, run_status);
    status.add_flag("--json", options->json, "Print JSON even on a terminal");
    status.add_flag("--devices", options->devices,
                    "What the devices themselves say now, with or without a daemon");
}

}  // namespace pwlog
