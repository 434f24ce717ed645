// SPDX-License-Identifier: MIT
#include "control/control_client.h"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "control/control_socket.h"

namespace pwlog {

namespace {

// A piece is a document, or the daemon's whole status.
constexpr std::size_t longest_piece = std::size_t{16} * 1024 * 1024;

}  // namespace

Result<ControlClient> ControlClient::connect(const std::filesystem::path& path,
                                             const std::stop_token& stop) {
    auto socket = connect_to(path);
    if (!socket && socket.error().kind == ErrorKind::not_found) {
        return fail(ErrorKind::not_found,
                    fmt::format("no daemon listens at {}: `systemctl start pwlog`, or `pwlog run`",
                                path.string()));
    }
    if (!socket && socket.error().kind == ErrorKind::denied) {
        return fail(ErrorKind::denied,
                    socket.error().message +
                        ": use sudo, or join the group pwlog (usermod -aG pwlog NAME) and log in "
                        "again");
    }
    if (!socket) {
        return pass_on(socket);
    }
    return ControlClient(LineSocket(*std::move(socket), stop));
}

Result<void> ControlClient::ask(const ControlRequest& request, const Piece& each,
                                std::chrono::milliseconds patience) {
    if (auto sent = socket_.write_line(encode_request(request), patience); !sent) {
        // Whoever is turned away at the door finds the reason there.
        const auto line = socket_.read_line(longest_piece, std::chrono::milliseconds(0));
        const auto reply = line ? decode_reply(*line) : pass_on(line);
        return reply && reply->error ? Result<void>(tl::unexpected(*reply->error)) : sent;
    }
    for (;;) {
        const auto line = socket_.read_line(longest_piece, patience);
        if (!line) {
            return pass_on(line);
        }
        const auto reply = decode_reply(*line);
        if (!reply) {
            return pass_on(reply);
        }
        if (reply->last) {
            return reply->error ? Result<void>(tl::unexpected(*reply->error)) : Result<void>();
        }
        if (auto taken = each(reply->data); !taken) {
            return taken;
        }
    }
}

std::filesystem::path control_socket_path(const std::filesystem::path& configured) {
    if (!configured.empty()) {
        return configured;
    }
    // One folder: the unit has no other (systemd.exec(5) separates several by colons).
    const char* folder = std::getenv("RUNTIME_DIRECTORY");
    return std::filesystem::path(folder != nullptr ? folder : "/run/pwlog") / "pwlog.sock";
}

}  // namespace pwlog
