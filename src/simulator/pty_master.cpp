// SPDX-License-Identifier: MIT
#include "simulator/pty_master.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace pwlog::simulator {
namespace {

tl::unexpected<Error> refused(std::string_view tried) {
    return fail(ErrorKind::io, fmt::format("{}: {}", tried, std::strerror(errno)));
}

}  // namespace

Result<PtyMaster> PtyMaster::open() {
    PtyMaster pty;
    pty.master_ = UniqueFd(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    std::array<char, 64> name{};
    if (!pty.master_ || grantpt(pty.master_.get()) != 0 || unlockpt(pty.master_.get()) != 0 ||
        ptsname_r(pty.master_.get(), name.data(), name.size()) != 0) {
        return refused("opening a pseudo-terminal");
    }
    pty.slave_path_ = name.data();
    termios mode{};
    if (tcgetattr(pty.master_.get(), &mode) != 0) {
        return refused("reading the mode of " + pty.slave_path_);
    }
    cfmakeraw(&mode);
    cfsetspeed(&mode, B2400);
    if (tcsetattr(pty.master_.get(), TCSANOW, &mode) != 0) {
        return refused("setting the mode of " + pty.slave_path_);
    }
    // Edge-triggered: the hang-up that lasts while nobody listens wakes once and not for ever.
    pty.events_ = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLET;
    if (!pty.events_ ||
        epoll_ctl(pty.events_.get(), EPOLL_CTL_ADD, pty.master_.get(), &wanted) != 0) {
        return refused("watching " + pty.slave_path_);
    }
    return pty;
}

std::string PtyMaster::read_available() {
    epoll_event event{};
    // Takes the edge; what comes after makes a new one.
    const bool told = epoll_wait(events_.get(), &event, 1, 0) == 1;
    hung_up_ = hung_up_ || (told && (event.events & EPOLLHUP) != 0);
    std::string bytes;
    std::array<char, 256> chunk{};
    while (true) {
        const auto count = read(master_.get(), chunk.data(), chunk.size());
        if (count > 0) {
            bytes.append(chunk.data(), static_cast<std::size_t>(count));
        } else if (count == 0 || errno != EINTR) {
            return bytes;  // EAGAIN: no more; EIO: nobody has the other end open
        }
    }
}

bool PtyMaster::is_hung_up() const {
    pollfd asked{.fd = master_.get(), .events = 0, .revents = 0};
    return poll(&asked, 1, 0) == 1 && (asked.revents & POLLHUP) != 0;
}

bool PtyMaster::release() {
    if (!is_hung_up()) {
        return true;  // the next reader is already there
    }
    UniqueFd slave(::open(slave_path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!slave) {
        return !is_hung_up();
    }
    ioctl(slave.get(), TIOCNXCL);
    tcflush(slave.get(), TCIFLUSH);
    slave.reset();
    epoll_event own_close{};  // no reader has gone
    epoll_wait(events_.get(), &own_close, 1, 0);
    return true;
}

bool PtyMaster::has_input() const {
    int count = 0;
    return ioctl(master_.get(), FIONREAD, &count) == 0 && count > 0;
}

void PtyMaster::write(std::string_view bytes) const {
    constexpr int patience_ms = 100;
    while (!bytes.empty()) {
        const auto count = ::write(master_.get(), bytes.data(), bytes.size());
        if (count > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
            continue;
        }
        pollfd waiting{.fd = master_.get(), .events = POLLOUT, .revents = 0};
        const bool full = count < 0 && errno == EAGAIN;
        if (!(count < 0 && errno == EINTR) && !(full && poll(&waiting, 1, patience_ms) > 0)) {
            return;
        }
    }
}

Result<void> point_link(const std::filesystem::path& link, const std::string& target) {
    std::error_code code;
    if (std::filesystem::symlink_status(link, code).type() !=
            std::filesystem::file_type::not_found &&
        !std::filesystem::is_symlink(link, code)) {
        return fail(ErrorKind::invalid,
                    fmt::format("{} is in the way: not a symbolic link", link.string()));
    }
    auto fresh = link;
    fresh += ".new";
    std::filesystem::remove(fresh, code);
    std::filesystem::create_symlink(target, fresh, code);
    if (!code) {
        std::filesystem::rename(fresh, link, code);
    }
    if (code) {
        return fail(ErrorKind::io, fmt::format("making the link {} to {}: {}", link.string(),
                                               target, code.message()));
    }
    return {};
}

}  // namespace pwlog::simulator
