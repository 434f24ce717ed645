// SPDX-License-Identifier: MIT
#include "control/spool_access.h"

#include <fmt/format.h>

#include "control/control_client.h"
#include "daemon/spool_options.h"

namespace pwlog {

namespace {

Result<void> ask_directly(const Config& config, const ControlRequest& request,
                          const SendPiece& send) {
    std::error_code error;
    const auto file = config.spool.path / "spool.db";
    if (!std::filesystem::exists(file, error)) {
        const bool denied = error == std::errc::permission_denied;
        return fail(denied ? ErrorKind::denied : ErrorKind::not_found,
                    fmt::format("{}: {}", file.string(),
                                denied ? "this user may not look there: ask as root or as pwlog"
                                       : "there is no spool yet; `pwlog run` or `pwlog once` "
                                         "makes it"));
    }
    const SystemClock clock;
    auto spool = Spool::open(spool_options(config.spool), clock);
    if (!spool) {
        return pass_on(spool);
    }
    return answer_spool_request(**spool, request, send);
}

}  // namespace

Result<void> ask_spool(const Config& config, const ControlRequest& request, const SendPiece& send) {
    auto daemon = ControlClient::connect(control_socket_path(config.control_socket));
    if (daemon) {
        return daemon->ask(request, send);
    }
    if (daemon.error().kind != ErrorKind::not_found) {
        return pass_on(daemon);
    }
    return ask_directly(config, request, send);
}

}  // namespace pwlog
