// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "base/stop_event.h"
#include "control/control_protocol.h"
#include "control/control_socket.h"
#include "control/line_socket.h"

namespace pwlog {

/// Where a handler puts its answer. One thread, during the handler's call.
class ControlReply {
  public:
    ControlReply(LineSocket& socket, std::chrono::milliseconds timeout, const std::stop_token& stop)
        : socket_(socket), timeout_(timeout), stop_(stop) {}

    /// One piece of the answer, a JSON value on one line. An error means that the client is gone or
    /// takes nothing: return it, nobody listens any more.
    Result<void> send(std::string_view json) {
        return socket_.write_line(encode_data(json), timeout_);
    }

    /// Who asks: a user's name, from the kernel.
    std::string asked_by() const { return peer_user(socket_.fd()); }

    /// Requested when the server ends; a handler that waits must end then too.
    const std::stop_token& stop() const { return stop_; }
    int fd() const { return socket_.fd(); }

  private:
    LineSocket& socket_;
    std::chrono::milliseconds timeout_;
    const std::stop_token& stop_;
};

/// Sees while a handler works that its client has gone, or that the server ends.
class HangUp {
  public:
    /// Error: there is no thread for it.
    static Result<std::unique_ptr<HangUp>> watch(const ControlReply& reply);
    std::stop_token token() const { return source_.get_token(); }

  private:
    HangUp() = default;
    std::stop_source source_;
    std::jthread watcher_;
};

/// What answers a request: sends any number of pieces, then returns success or the error that the
/// client gets. Called from the client's thread, several at once: it must be thread-safe.
using ControlHandler = std::function<Result<void>(const ControlRequest&, ControlReply&)>;
using ControlHandlers = std::map<std::string, ControlHandler, std::less<>>;

struct ControlServerOptions {
    std::filesystem::path path;
    std::size_t most_clients = 32;              ///< one more waits
    std::chrono::milliseconds patience{2'000};  ///< so long, and is told `busy` then
    std::size_t longest_request = std::size_t{64} * 1024;
    std::chrono::milliseconds idle_timeout{30'000};  ///< for a client that asks nothing
    std::chrono::milliseconds send_timeout{10'000};  ///< for a client that takes nothing
};

/// Answers requests on a unix socket (see control_protocol.h) to root, our own user and our group.
/// It knows no request by itself. Starts in open(), ends in the destructor, which waits for the
/// handlers that run.
class ControlServer {
  public:
    /// Errors as ControlSocket::listen_at, and full where no thread can be made.
    static Result<std::unique_ptr<ControlServer>> open(const ControlServerOptions& options,
                                                       ControlHandlers handlers);
    ~ControlServer();

  private:
    struct Client {
        std::atomic<bool> finished = false;
        UniqueFd socket;      // until the thread takes it
        std::jthread thread;  // last: it uses both
    };

    ControlServer(ControlServerOptions options, ControlHandlers handlers, ControlSocket socket);
    void run(const std::stop_token& stop);
    bool wait_for_room(const StopEvent& stop);
    void welcome(UniqueFd socket);
    Result<void> take_in(UniqueFd& socket);
    void serve(LineSocket socket, const std::stop_token& stop) const;
    Result<void> answer(const std::string& line, LineSocket& socket,
                        const std::stop_token& stop) const;

    ControlServerOptions options_;
    ControlHandlers handlers_;
    ControlSocket socket_;
    UniqueFd freed_;  // readable once a client has gone
    // The thread's own.
    std::list<Client> clients_;
    std::optional<std::chrono::steady_clock::time_point> full_until_;  // somebody waits; then busy
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pwlog
