// SPDX-License-Identifier: MIT
#include "control/spool_access.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "control/control_client.h"
#include "daemon/section_options.h"

namespace pwlog {

namespace {

constexpr auto patience_of_a_person = std::chrono::seconds(5);

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
    auto spool = open_spool(config, clock, patience_of_a_person, {});
    if (!spool) {
        return pass_on(spool);
    }
    return answer_spool_request(**spool, request, send);
}

}  // namespace

Result<std::unique_ptr<Spool>> open_spool(const Config& config, const Clock& clock,
                                          std::chrono::seconds patience,
                                          const std::stop_token& stop) {
    constexpr auto look_again = std::chrono::milliseconds(100);
    const auto give_up = clock.steady_now() + patience;
    bool was_told = false;
    while (true) {
        auto spool = Spool::open(spool_options(config.spool), clock);
        if (spool || spool.error().kind != ErrorKind::busy || clock.steady_now() >= give_up ||
            ControlClient::connect(control_socket_path(config.control_socket))) {
            return spool;
        }
        if (!std::exchange(was_told, true)) {
            const auto& message = spool.error().message;
            spdlog::warn("{}: waiting for it, {} s at most", message.substr(0, message.find(';')),
                         patience.count());
        }
        if (!clock.wait_until(clock.steady_now() + look_again, stop)) {
            return fail(ErrorKind::stopped, "asked to stop while the spool was in use");
        }
    }
}

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
