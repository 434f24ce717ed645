// SPDX-License-Identifier: MIT
#include "link/port_kind.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "link/port_lock.h"

namespace pwlog {
namespace {

namespace fs = std::filesystem;

std::string subsystem_of(dev_t device) {
    std::error_code none;
    const auto link = fmt::format("/sys/dev/char/{}:{}/subsystem", major(device), minor(device));
    return fs::read_symlink(link, none).filename().string();
}

}  // namespace

Result<PortOptions::Kind> kind_of_port(const std::string& name, const std::string& path) {
    struct stat node {};
    if (stat(path.c_str(), &node) != 0) {
        return cannot_open(name, path, errno);
    }
    if (!S_ISCHR(node.st_mode)) {
        return fail(ErrorKind::invalid,
                    fmt::format("{} is {}, not a device; `pwlog discover` lists the ports that "
                                "answer",
                                name, S_ISDIR(node.st_mode) ? "a directory" : "a file"));
    }
    const auto node_name = fs::path(path).filename().string();
    if (subsystem_of(node.st_rdev) == "hidraw" || path.starts_with("/dev/hidraw")) {
        return PortOptions::Kind::hidraw;
    }
    std::error_code unreadable;
    const bool in_dev = fs::path(path).parent_path() == "/dev";
    if (in_dev && fs::exists(fs::path("/sys/class/tty") / node_name, unreadable)) {
        return PortOptions::Kind::serial;
    }
    return PortOptions::Kind::descriptor;
}

}  // namespace pwlog
