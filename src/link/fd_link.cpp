// SPDX-License-Identifier: MIT
#include "link/fd_link.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "link/port_lock.h"

namespace pwlog {
namespace {

tl::unexpected<Error> refused(const std::string& name, const char* tried) {
    if (errno == ENOTTY) {
        return fail(ErrorKind::invalid, fmt::format("{} is not a serial port", name));
    }
    const auto kind = errno == EIO || errno == ENODEV ? ErrorKind::gone : ErrorKind::io;
    return fail(kind,
                fmt::format("{}: {}: {}", name, tried, std::system_category().message(errno)));
}

/// 8N1, raw, modem lines ignored. INPCK without IGNPAR makes the driver hand over a byte with a
/// framing error as NUL (termios(3)), which no answer contains: the only check there is below
/// a protocol without a checksum. VMIN = 1 keeps "nothing yet" (EAGAIN) apart from "hung up" (0).
void make_raw(termios& line) {
    cfmakeraw(&line);
    line.c_iflag = INPCK;
    line.c_cflag &= ~static_cast<tcflag_t>(CSIZE | CSTOPB | PARENB | CRTSCTS);
    line.c_cflag |= CS8 | CLOCAL | CREAD;
    line.c_cc[VMIN] = 1;
    line.c_cc[VTIME] = 0;
    cfsetspeed(&line, B2400);
}

/// tcsetattr() succeeds if any one change was taken, so look again. A PTY drops size and parity:
/// those prove nothing and are not asked for.
bool same_line(const termios& wanted, const termios& found) {
    return found.c_iflag == wanted.c_iflag && found.c_oflag == wanted.c_oflag &&
           found.c_lflag == wanted.c_lflag && ((found.c_cflag ^ wanted.c_cflag) & CRTSCTS) == 0 &&
           cfgetospeed(&found) == B2400 && found.c_cc[VMIN] == wanted.c_cc[VMIN];
}

}  // namespace

FdLink::FdLink(UniqueFd fd, std::string name, UniqueFd lock)
    : lock_(std::move(lock)), io_(std::move(fd), std::move(name)) {}

FdLink::~FdLink() {
    if (io_.fd() >= 0) {
        ioctl(io_.fd(), TIOCNXCL);
    }
}

Result<void> FdLink::write(std::string_view bytes, SteadyTime deadline,
                           const std::stop_token& stop) {
    while (!bytes.empty()) {
        const auto sent = io_.write_some(bytes, deadline, stop);
        if (!sent) {
            return pass_on(sent);
        }
        bytes.remove_prefix(*sent);
    }
    return {};
}

Result<std::size_t> FdLink::read(std::span<char> buffer, SteadyTime deadline,
                                 const std::stop_token& stop) {
    return io_.read_some(buffer, deadline, stop);
}

// Reading and not tcflush(): a PTY's bytes may still be on their way to the buffer that tcflush()
// empties, while read() fetches them first.
Result<void> FdLink::discard_input() { return io_.drain(); }

Result<void> set_line(int fd, const std::string& name) {
    termios wanted{};
    if (tcgetattr(fd, &wanted) != 0) {
        return refused(name, "tcgetattr");
    }
    make_raw(wanted);
    if (tcsetattr(fd, TCSANOW, &wanted) != 0) {
        return refused(name, "tcsetattr");
    }
    termios found{};
    if (tcgetattr(fd, &found) != 0) {
        return refused(name, "tcgetattr");
    }
    if (!same_line(wanted, found)) {
        return fail(ErrorKind::io, fmt::format("{}: does not take 2400 baud, raw, without flow "
                                               "control",
                                               name));
    }
    if (tcflush(fd, TCIOFLUSH) != 0) {
        return refused(name, "tcflush");
    }
    return {};
}

Result<std::unique_ptr<Link>> open_fd_link(const std::string& name, const std::string& path) {
    auto port = open_locked(name, path);
    if (!port) {
        return pass_on(port);
    }
    if (const auto set = set_line(port->get(), name); !set) {
        return pass_on(set);
    }
    return std::make_unique<FdLink>(std::move(*port), name);
}

}  // namespace pwlog
