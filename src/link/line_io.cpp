// SPDX-License-Identifier: MIT
#include "link/line_io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "base/timespec.h"

namespace pwlog {
namespace {

constexpr short hangup = POLLHUP | POLLERR | POLLNVAL;
constexpr std::size_t drain_limit = std::size_t{64} * 1024;

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

/// What a failed call on the descriptor says about the line. EIO is what a terminal answers after a
/// hangup, ENODEV and ENXIO what USB drivers answer after an unplug, EPIPE and ESHUTDOWN what a USB
/// endpoint answers that will not come back by itself. A connection on which something timed out is
/// over, while a USB transfer that did may be tried again.
ErrorKind kind_of(int error, bool is_socket) {
    switch (error) {
        case EIO:
        case ENODEV:
        case ENXIO:
        case EPIPE:
        case ESHUTDOWN:
        case ECONNRESET:
        case EHOSTUNREACH:
        case ENETUNREACH:
        case ENETDOWN:
            return ErrorKind::gone;
        case ETIMEDOUT:
            return is_socket ? ErrorKind::gone : ErrorKind::timeout;
        default:
            return ErrorKind::io;
    }
}

bool is_socket(int fd) {
    struct stat what {};
    return fstat(fd, &what) == 0 && S_ISSOCK(what.st_mode);
}

}  // namespace

LineIo::LineIo(UniqueFd fd, std::string name)
    : fd_(std::move(fd)), is_socket_(is_socket(fd_.get())), name_(std::move(name)) {
    const int flags = fcntl(fd_.get(), F_GETFL);
    if (flags >= 0) {
        fcntl(fd_.get(), F_SETFL, flags | O_NONBLOCK);
    }
}

Result<std::size_t> LineIo::write_some(std::string_view bytes, SteadyTime deadline,
                                       const std::stop_token& stop) {
    if (auto usable = ready(stop); !usable) {
        return pass_on(usable);
    }
    for (short seen = 0;;) {
        const auto sent = is_socket_ ? ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                     : ::write(fd_.get(), bytes.data(), bytes.size());
        if (sent > 0) {
            return static_cast<std::size_t>(sent);
        }
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0 && !would_block(errno)) {
            return failed("write", errno);
        }
        if ((seen & hangup) != 0) {
            return lost("accepts no more bytes");
        }
        const auto events = wait_for(POLLOUT, deadline, stop);
        if (!events) {
            return pass_on(events);
        }
        seen = *events;
    }
}

Result<std::size_t> LineIo::read_some(std::span<char> buffer, SteadyTime deadline,
                                      const std::stop_token& stop) {
    if (auto usable = ready(stop); !usable) {
        return pass_on(usable);
    }
    for (short seen = 0;;) {
        const auto got = ::read(fd_.get(), buffer.data(), buffer.size());
        if (got > 0) {
            return static_cast<std::size_t>(got);
        }
        if (got == 0) {
            return lost("end of file");  // with VMIN = 1 only a hangup reads as nothing
        }
        if (errno == EINTR) {
            continue;
        }
        if (!would_block(errno)) {
            return failed("read", errno);
        }
        if ((seen & hangup) != 0) {
            return lost("has nothing more to read");
        }
        const auto events = wait_for(POLLIN, deadline, stop);
        if (!events) {
            return pass_on(events);
        }
        seen = *events;
    }
}

Result<void> LineIo::drain() {
    if (auto usable = ready({}); !usable) {
        return usable;
    }
    std::array<char, 1024> rest{};
    for (std::size_t total = 0; total < drain_limit;) {
        const auto got = ::read(fd_.get(), rest.data(), rest.size());
        if (got > 0) {
            total += static_cast<std::size_t>(got);
        } else if (got == 0) {
            return lost("end of file");
        } else if (would_block(errno)) {
            return {};
        } else if (errno != EINTR) {
            return failed("read", errno);
        }
    }
    return {};
}

Result<void> LineIo::pause_until(SteadyTime when, const std::stop_token& stop) {
    if (auto usable = ready(stop); !usable) {
        return usable;
    }
    const auto events = wait_for(0, when, stop);
    if (!events && events.error().kind != ErrorKind::timeout) {
        return pass_on(events);
    }
    return {};
}

/// Waits for one of `events`, and returns what poll() reported: a hangup that comes together with
/// readable bytes is left to the read, which brings the bytes first.
Result<short> LineIo::wait_for(short events, SteadyTime deadline, const std::stop_token& stop) {
    std::array<pollfd, 2> waiting{{{.fd = fd_.get(), .events = events, .revents = 0},
                                   {.fd = stop_fd(stop), .events = POLLIN, .revents = 0}}};
    for (;;) {
        const timespec left = to_timespec(deadline - std::chrono::steady_clock::now());
        const int count = ppoll(waiting.data(), waiting.size(), &left, nullptr);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return failed("poll", errno);
        }
        if (waiting[1].revents != 0) {
            return fail(ErrorKind::stopped, fmt::format("{}: stopped while waiting", name_));
        }
        if (count == 0) {
            return fail(ErrorKind::timeout,
                        fmt::format("{}: no {} in time", name_,
                                    events == POLLOUT ? "room for the command" : "byte"));
        }
        if ((waiting[0].revents & events) == 0) {
            return lost("hangup");
        }
        return waiting[0].revents;
    }
}

/// -1, which poll() passes over, where no stop can come.
int LineIo::stop_fd(const std::stop_token& stop) {
    if (!stop.stop_possible()) {
        return -1;
    }
    if (!stop_event_ || !(stop_ == stop)) {
        stop_event_ = std::make_unique<StopEvent>(stop);
        stop_ = stop;
    }
    return stop_event_->fd();
}

Result<void> LineIo::ready(const std::stop_token& stop) const {
    if (!fd_) {
        return fail(ErrorKind::gone, fmt::format("{}: closed since the port vanished", name_));
    }
    if (stop.stop_requested()) {
        return fail(ErrorKind::stopped, fmt::format("{}: stopped", name_));
    }
    return {};
}

tl::unexpected<Error> LineIo::failed(std::string_view tried, int error) {
    const auto kind = kind_of(error, is_socket_);
    if (kind == ErrorKind::gone) {
        fd_.reset();
    }
    return fail(kind,
                fmt::format("{}: {}: {}", name_, tried, std::system_category().message(error)));
}

tl::unexpected<Error> LineIo::lost(std::string_view how) {
    fd_.reset();
    return fail(ErrorKind::gone, fmt::format("{}: the port vanished ({})", name_, how));
}

}  // namespace pwlog
