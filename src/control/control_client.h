// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string_view>

#include "base/result.h"
#include "control/control_protocol.h"
#include "control/line_socket.h"

namespace pwlog {

/// Asks a running daemon. One thread.
class ControlClient {
  public:
    /// Errors: not_found (no daemon runs there), denied, busy, io. A stop ends every later wait.
    static Result<ControlClient> connect(const std::filesystem::path& path,
                                         const std::stop_token& stop = {});

    /// Sends the request and hands each piece of the answer, JSON on one line, to `each`, which
    /// stops it by returning an error. Returns that one, or the daemon's own, or timeout where it
    /// is silent for longer than `patience`.
    using Piece = std::function<Result<void>(std::string_view json)>;
    Result<void> ask(const ControlRequest& request, const Piece& each,
                     std::chrono::milliseconds patience = std::chrono::seconds(30));

  private:
    explicit ControlClient(LineSocket socket) : socket_(std::move(socket)) {}

    LineSocket socket_;
};

/// The socket's path: the configured one, or pwlog.sock in systemd's $RUNTIME_DIRECTORY, or
/// /run/pwlog/pwlog.sock.
std::filesystem::path control_socket_path(const std::filesystem::path& configured);

}  // namespace pwlog
