// SPDX-License-Identifier: MIT
#include "control/control_server.h"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/printable.h"
#include "base/stop_event.h"
#include "base/thread.h"

namespace pwlog {

HangUp::HangUp(const ControlReply& reply)
    : watcher_([this, fd = reply.fd(), ends = reply.stop()](const std::stop_token& over) {
          const StopEvent over_event(over);
          const StopEvent ends_event(ends);
          // No events asked for: a hang-up shows all the same, and what it still says does not.
          std::array<pollfd, 3> fds{
              {{over_event.fd(), POLLIN, 0}, {ends_event.fd(), POLLIN, 0}, {fd, 0, 0}}};
          while (poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) {
          }
          if (fds[0].revents == 0) {
              source_.request_stop();
          }
      }) {}

Result<std::unique_ptr<ControlServer>> ControlServer::open(const ControlServerOptions& options,
                                                           ControlHandlers handlers) {
    auto socket = ControlSocket::listen_at(options.path);
    if (!socket) {
        return pass_on(socket);
    }
    std::unique_ptr<ControlServer> server(
        new ControlServer(options, std::move(handlers), *std::move(socket)));
    const auto started =
        start_thread(server->thread_, "control",
                     [self = server.get()](const std::stop_token& stop) { self->run(stop); });
    return started ? Result<std::unique_ptr<ControlServer>>(std::move(server)) : pass_on(started);
}

ControlServer::ControlServer(ControlServerOptions options, ControlHandlers handlers,
                             ControlSocket socket)
    : options_(std::move(options)), handlers_(std::move(handlers)), socket_(std::move(socket)) {}

ControlServer::~ControlServer() = default;

void ControlServer::run(const std::stop_token& stop) {
    const StopEvent stop_event(stop);
    while (!stop.stop_requested()) {
        std::array<pollfd, 2> fds{{{stop_event.fd(), POLLIN, 0}, {socket_.fd(), POLLIN, 0}}};
        poll(fds.data(), fds.size(), -1);
        clients_.remove_if([](const Client& client) { return client.finished.load(); });
        if (UniqueFd socket = socket_.accept()) {
            welcome(std::move(socket));
        } else if (errno == EMFILE || errno == ENFILE) {
            // The waiting client keeps poll() ready; without a pause this would spin.
            poll(fds.data(), 1, 100);
        }
    }
    for (Client& client : clients_) {
        client.thread.request_stop();  // all of them before the first is waited for
    }
    clients_.clear();
}

/// Gives the client a thread; where that is refused the socket is still the caller's.
Result<void> ControlServer::take_in(UniqueFd& socket) {
    if (!peer_is_allowed(socket.get())) {
        return fail(ErrorKind::denied, "only root, the daemon's user and its group may ask");
    }
    if (clients_.size() >= options_.most_clients) {
        return fail(ErrorKind::busy,
                    fmt::format("{} clients ask already; try again", clients_.size()));
    }
    Client& client = clients_.emplace_back();
    client.socket = std::move(socket);
    auto started =
        start_thread(client.thread, "client", [this, &client](const std::stop_token& stop) {
            serve(LineSocket(std::move(client.socket), stop), stop);
            client.finished = true;
        });
    if (!started) {
        socket = std::move(client.socket);
        clients_.pop_back();
    }
    return started;
}

void ControlServer::welcome(UniqueFd socket) {
    const auto taken = take_in(socket);
    if (taken) {
        return;
    }
    // Its buffer is empty, so this never waits; whether it is read does not matter.
    static_cast<void>(LineSocket(std::move(socket), {})
                          .write_line(encode_error(taken.error()), std::chrono::milliseconds(0)));
}

void ControlServer::serve(LineSocket socket, const std::stop_token& stop) const {
    for (;;) {
        const auto line = socket.read_line(options_.longest_request, options_.idle_timeout);
        if (!line) {
            if (line.error().kind == ErrorKind::invalid) {
                static_cast<void>(
                    socket.write_line(encode_error(line.error()), options_.send_timeout));
            }
            return;
        }
        if (!answer(*line, socket, stop)) {
            return;
        }
    }
}

Result<void> ControlServer::answer(const std::string& line, LineSocket& socket,
                                   const std::stop_token& stop) const {
    Result<void> done;
    const auto request = decode_request(line);
    if (!request) {
        done = pass_on(request);
    } else if (const auto handler = handlers_.find(request->name); handler == handlers_.end()) {
        done = fail(ErrorKind::invalid,
                    fmt::format("there is no request \"{}\"", printable(request->name)));
    } else {
        ControlReply reply(socket, options_.send_timeout, stop);
        done = handler->second(*request, reply);
    }
    return socket.write_line(done ? encode_done() : encode_error(done.error()),
                             options_.send_timeout);
}

}  // namespace pwlog
