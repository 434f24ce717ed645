// SPDX-License-Identifier: MIT
#include "control/line_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace pwlog {

namespace {

tl::unexpected<Error> socket_error(std::string_view what, int error) {
    const bool gone = error == EPIPE || error == ECONNRESET;
    return fail(
        gone ? ErrorKind::gone : ErrorKind::io,
        fmt::format("control socket: {}: {}", what, std::generic_category().message(error)));
}

bool must_wait(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

LineSocket::LineSocket(UniqueFd socket, const std::stop_token& stop)
    : socket_(std::move(socket)), stop_(std::make_unique<StopEvent>(stop)) {
    fcntl(socket_.get(), F_SETFL, fcntl(socket_.get(), F_GETFL) | O_NONBLOCK);
}

Result<void> LineSocket::wait_for(short events, std::chrono::milliseconds timeout) {
    std::array<pollfd, 2> fds{{{stop_->fd(), POLLIN, 0}, {socket_.get(), events, 0}}};
    const int ready = poll(fds.data(), fds.size(), static_cast<int>(timeout.count()));
    if (ready < 0 && errno != EINTR) {
        return socket_error("waiting", errno);
    }
    if (fds[0].revents != 0) {
        return fail(ErrorKind::stopped, "control socket: asked to stop");
    }
    if (ready == 0) {
        return fail(ErrorKind::timeout,
                    fmt::format("control socket: nothing moved for {} ms", timeout.count()));
    }
    return {};
}

Result<std::string> LineSocket::read_line(std::size_t longest, std::chrono::milliseconds timeout) {
    std::size_t searched = begin_;
    for (;;) {
        const std::size_t end = received_.find('\n', searched);
        const std::size_t length = std::min(end, received_.size()) - begin_;
        if (length > longest) {
            return fail(ErrorKind::invalid,
                        fmt::format("control socket: a line is longer than {} bytes", longest));
        }
        if (end != std::string::npos) {
            std::string line = received_.substr(begin_, length);
            begin_ = end + 1;
            return line;
        }
        received_.erase(0, std::exchange(begin_, 0));
        searched = received_.size();
        if (auto more = receive(timeout); !more) {
            return pass_on(more);
        }
    }
}

Result<void> LineSocket::receive(std::chrono::milliseconds timeout) {
    constexpr std::size_t piece = 65'536;
    const std::size_t had = received_.size();
    received_.resize(had + piece);
    const ssize_t count = recv(socket_.get(), received_.data() + had, piece, 0);
    const int error = errno;
    received_.resize(had + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count > 0) {
        return {};
    }
    if (count == 0) {
        return fail(ErrorKind::gone, "control socket: the other side closed it");
    }
    return must_wait(error) ? wait_for(POLLIN, timeout) : socket_error("reading", error);
}

Result<void> LineSocket::write_all(std::string_view bytes, std::chrono::milliseconds timeout) {
    while (!bytes.empty()) {
        const ssize_t count = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (!must_wait(errno)) {
            return socket_error("writing", errno);
        } else if (auto waited = wait_for(POLLOUT, timeout); !waited) {
            return pass_on(waited);
        }
    }
    return {};
}

Result<void> LineSocket::write_line(std::string_view line, std::chrono::milliseconds timeout) {
    std::string bytes(line);
    bytes += '\n';
    return write_all(bytes, timeout);
}

}  // namespace pwlog
