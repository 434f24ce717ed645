// SPDX-License-Identifier: MIT
#include "link/port_holder.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>

#include "base/directory.h"
#include "base/printable.h"

namespace pwlog {
namespace {

namespace fs = std::filesystem;

std::optional<pid_t> to_pid(std::string_view text) {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
    if (error != std::errc{} || end != text.data() + text.size() || pid <= 0) {
        return std::nullopt;
    }
    return pid;
}

/// The process that locked the file, from lines like
/// `1: FLOCK  ADVISORY  WRITE 4711 00:05:93 0 EOF` (proc(5): device in hex, inode in decimal).
std::optional<pid_t> lock_owner(const struct stat& node) {
    const auto file =
        fmt::format("{:02x}:{:02x}:{}", major(node.st_dev), minor(node.st_dev), node.st_ino);
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        std::istringstream fields(line);
        std::string number, type, manner, access, pid, where;
        fields >> number >> type >> manner >> access >> pid >> where;
        if (type == "FLOCK" && where == file) {
            return to_pid(pid);
        }
    }
    return std::nullopt;
}

bool has_open(const fs::path& descriptors, dev_t device) {
    for (const auto& entry : entries_of(descriptors)) {
        struct stat open_file {};
        if (stat(entry.c_str(), &open_file) == 0 && S_ISCHR(open_file.st_mode) &&
            open_file.st_rdev == device) {
            return true;
        }
    }
    return false;
}

/// The first other process with the device open: who claimed it by TIOCEXCL has no lock to show.
std::optional<pid_t> opener(dev_t device) {
    for (const auto& entry : entries_of("/proc")) {
        const auto pid = to_pid(entry.filename().string());
        if (pid && *pid != getpid() && has_open(entry / "fd", device)) {
            return pid;
        }
    }
    return std::nullopt;
}

std::optional<std::string> described(std::optional<pid_t> pid) {
    if (!pid) {
        return std::nullopt;
    }
    if (*pid == getpid()) {
        return fmt::format("this program itself (pid {}): two devices on one port?", *pid);
    }
    std::ifstream file(fmt::format("/proc/{}/comm", *pid));
    std::string command;
    if (!std::getline(file, command)) {
        return std::nullopt;  // it locked and ended; a child that inherited the lock holds it now
    }
    return fmt::format("pid {} ({})", *pid, printable(command));
}

}  // namespace

std::string holder_of(const std::string& path) {
    struct stat node {};
    if (stat(path.c_str(), &node) == 0) {
        if (const auto owner = described(lock_owner(node))) {
            return *owner;
        }
        if (const auto owner = described(opener(node.st_rdev))) {
            return *owner;
        }
    }
    return fmt::format("another program (`fuser -v {}` as root names it)", path);
}

std::string described_process(pid_t pid) {
    return described(pid > 0 ? std::optional(pid) : std::nullopt).value_or("another program");
}

}  // namespace pwlog
