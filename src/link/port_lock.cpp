// SPDX-License-Identifier: MIT
#include "link/port_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "link/port_holder.h"

namespace pwlog {
namespace {

/// "/dev/pdu (/dev/ttyUSB0)", or the name alone where it is no link.
std::string shown(const std::string& name, const std::string& path) {
    return name == path ? name : fmt::format("{} ({})", name, path);
}

std::string user_name(uid_t id) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> text{};
    if (getpwuid_r(id, &entry, text.data(), text.size(), &found) == 0 && found != nullptr) {
        return entry.pw_name;
    }
    return fmt::format("#{}", id);
}

std::string group_name(gid_t id) {
    group entry{};
    group* found = nullptr;
    std::array<char, 4096> text{};
    if (getgrgid_r(id, &entry, text.data(), text.size(), &found) == 0 && found != nullptr) {
        return entry.gr_name;
    }
    return fmt::format("#{}", id);
}

/// Why the kernel said no, and the way out that is not "run it as root".
tl::unexpected<Error> denied(const std::string& name, const std::string& path) {
    struct stat node {};
    if (stat(path.c_str(), &node) != 0) {
        return fail(ErrorKind::denied,
                    fmt::format("{}: permission denied on the way to it", shown(name, path)));
    }
    const auto user = user_name(geteuid());
    const auto group = group_name(node.st_gid);
    const bool group_may = (node.st_mode & S_IRGRP) != 0 && (node.st_mode & S_IWGRP) != 0;
    const auto way_out =
        group_may && node.st_gid != 0
            ? fmt::format(
                  "`usermod -aG {} {}` and a new login, or SupplementaryGroups={} in "
                  "the unit",
                  group, user, group)
            : std::string(
                  "install the udev rule 60-pwlog.rules, which gives the device to group "
                  "dialout, and plug it in again");
    return fail(ErrorKind::denied,
                fmt::format("{}: permission denied: it belongs to {}:{} with mode {:04o}, this is "
                            "uid {} ({}); try: {}",
                            shown(name, path), user_name(node.st_uid), group, node.st_mode & 07777,
                            geteuid(), user, way_out));
}

tl::unexpected<Error> busy(const std::string& name, const std::string& path) {
    return fail(ErrorKind::busy, fmt::format("{}: in use by {}; only one program can use a port",
                                             shown(name, path), holder_of(path)));
}

}  // namespace

tl::unexpected<Error> cannot_open(const std::string& name, const std::string& path, int error) {
    switch (error) {
        case EACCES:
        case EPERM:
            return denied(name, path);
        case EBUSY:
            return busy(name, path);
        case ENOENT:
        case ENOTDIR:
        case ENXIO:
        case ENODEV:
            return fail(ErrorKind::not_found,
                        fmt::format("{}: no such device; is it plugged in? `pwlog discover` lists "
                                    "the ports that answer",
                                    shown(name, path)));
        case EIO:
            return fail(ErrorKind::gone,
                        fmt::format("{}: vanished while it was opened", shown(name, path)));
        default:
            return fail(ErrorKind::io, fmt::format("{}: open: {}", shown(name, path),
                                                   std::system_category().message(error)));
    }
}

Result<UniqueFd> open_locked(const std::string& name, const std::string& path) {
    // O_NONBLOCK: without it open() waits for a carrier that these devices never give.
    UniqueFd port(open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!port) {
        return cannot_open(name, path, errno);
    }
    int claimed = 0;
    if (ioctl(port.get(), TIOCGEXCL, &claimed) == 0 && claimed != 0) {
        return busy(name, path);
    }
    if (flock(port.get(), LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? busy(name, path) : cannot_open(name, path, errno);
    }
    return port;
}

Result<void> claim_terminal(int fd, const std::string& name) {
    if (ioctl(fd, TIOCEXCL) != 0) {
        return cannot_open(name, name, errno);
    }
    return {};
}

}  // namespace pwlog
