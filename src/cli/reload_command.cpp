// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command_line.h"
#include "control/control_client.h"
#include "control/daemon_status.h"
#include "terminal/output.h"

namespace pwlog {
namespace {

struct ReloadOptions {
    const CommonOptions* common = nullptr;
};

int run_reload(const ReloadOptions& options) {
    // A file that is broken here is broken there: the daemon is asked all the same, so that it says
    // so, too, where its socket is the usual one.
    const auto config = load_config(options.common->config_file);
    auto client = ControlClient::connect(control_socket_path(config ? config->control_socket : ""));
    std::vector<std::string> waiting;
    const auto note = [&waiting](std::string_view json) {
        waiting = parse_restart_needed(json);
        return Result<void>();
    };
    const auto read = client ? client->ask({"reload", {}}, note) : Result<void>(pass_on(client));
    if (!config) {
        return fail_with(config.error(), ExitCode::usage);
    }
    if (!read) {
        return fail_with(read.error(), ExitCode::failure);
    }
    if (!waiting.empty()) {
        print_problem(fmt::format("what changed in {} needs a restart: systemctl restart pwlog",
                                  fmt::join(waiting, ", ")));
    }
    return status_of(ExitCode::ok);
}

}  // namespace

void setup_reload(CommandLine& line) {
    line.add("reload", "Make the daemon reload its configuration",
             "pwlog reload --config /etc/pwlog/pwlog.toml", run_reload);
}

}  // namespace pwlog
