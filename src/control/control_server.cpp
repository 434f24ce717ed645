// SPDX-License-Identifier: MIT
#include "control/control_server.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/printable.h"
#include "base/thread.h"

namespace pwlog {

Result<std::unique_ptr<HangUp>> HangUp::watch(const ControlReply& reply) {
    std::unique_ptr<HangUp> hang_up(new HangUp);
    const auto started = start_thread(
        hang_up->watcher_, "hang-up",
        [source = hang_up->source_, fd = reply.fd(),
         ends = reply.stop()](const std::stop_token& over) mutable {
            const StopEvent over_event(over);
            const StopEvent ends_event(ends);
            // No events asked for: a hang-up shows all the same, and what it still says does not.
            std::array<pollfd, 3> fds{
                {{over_event.fd(), POLLIN, 0}, {ends_event.fd(), POLLIN, 0}, {fd, 0, 0}}};
            const int wait = ends_event.longest_wait(over_event.longest_wait(-1));
            int seen = 0;
            while (!over.stop_requested() && !ends.stop_requested() && seen <= 0) {
                seen = poll(fds.data(), fds.size(), wait);
            }
            if (!over.stop_requested()) {
                source.request_stop();
            }
        });
    return started ? Result<std::unique_ptr<HangUp>>(std::move(hang_up)) : pass_on(started);
}

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
    : options_(std::move(options)),
      handlers_(std::move(handlers)),
      socket_(std::move(socket)),
      freed_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

ControlServer::~ControlServer() = default;

void ControlServer::run(const std::stop_token& stop) {
    const StopEvent stop_event(stop);
    while (!stop.stop_requested()) {
        std::array<pollfd, 2> fds{{{stop_event.fd(), POLLIN, 0}, {socket_.fd(), POLLIN, 0}}};
        const int ready = poll(fds.data(), fds.size(), stop_event.longest_wait(-1));
        if (ready <= 0 || !wait_for_room(stop_event)) {
            continue;
        }
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

/// Somebody wants to be let in. Commands ask in short questions, so a place is soon free; true
/// where one is, or where whoever waits is to be told that there is none.
bool ControlServer::wait_for_room(const StopEvent& stop) {
    eventfd_t gone = 0;
    eventfd_read(freed_.get(), &gone);
    clients_.remove_if([](const Client& client) { return client.finished.load(); });
    if (clients_.size() < options_.most_clients) {
        full_until_.reset();
        return true;
    }
    const auto now = std::chrono::steady_clock::now();
    full_until_ = full_until_.value_or(now + options_.patience);
    if (now >= *full_until_) {
        full_until_.reset();  // the next one waits as long
        return true;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*full_until_ - now);
    std::array<pollfd, 2> fds{{{stop.fd(), POLLIN, 0}, {freed_.get(), POLLIN, 0}}};
    poll(fds.data(), fds.size(), stop.longest_wait(static_cast<int>(left.count())));
    return false;
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
            eventfd_write(freed_.get(), 1);
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
