// SPDX-License-Identifier: MIT
#include "cli/reload_command.h"

#include "control/control_client.h"
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
    const auto nothing = [](std::string_view) { return Result<void>(); };
    const auto read = client ? client->ask({"reload", {}}, nothing) : Result<void>(pass_on(client));
    if (!config) {
        return fail_with(config.error(), ExitCode::usage);
    }
    if (!read) {
        return fail_with(read.error(), ExitCode::failure);
    }
    return status_of(ExitCode::ok);
}

}  // namespace

void setup_reload(CommandLine& line) {
    auto options = std::make_shared<ReloadOptions>();
    options->common = &line.common;
    line.add<ReloadOptions>("reload", "Have the daemon read its configuration again",
                            "pwlog reload --config /etc/pwlog/pwlog.toml", options, run_reload);
}

}  // namespace pwlog
