// SPDX-License-Identifier: MIT
#include "spool/instance_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

namespace pwlog {

namespace {

std::string describe_holder(const std::filesystem::path& file) {
    const auto pid = lock_holder(file);
    if (!pid) {
        return "a process that cannot be named from here";
    }
    std::string name;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", *pid)), name);
    return name.empty() ? fmt::format("process {}", *pid)
                        : fmt::format("process {} ({})", *pid, name);
}

}  // namespace

// A line of /proc/locks: "3: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF"; those that wait have
// "->" as their second word.
std::optional<int> lock_holder(const std::filesystem::path& file) {
    struct stat status {};
    if (stat(file.c_str(), &status) != 0) {
        return std::nullopt;
    }
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        std::istringstream words(line);
        std::string number;
        std::string kind;
        std::string mode;
        std::string access;
        int pid = 0;
        std::string inode;
        words >> number >> kind >> mode >> access >> pid >> inode;
        if (words && kind != "->" && pid > 0 &&
            inode.ends_with(fmt::format(":{}", status.st_ino))) {
            return pid;
        }
    }
    return std::nullopt;
}

Result<UniqueFd> lock_instance(const std::filesystem::path& file) {
    constexpr int safely = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | safely, 0600));
    if (!fd && errno == EROFS) {
        fd = UniqueFd(::open(file.c_str(), O_RDONLY | safely));
        if (!fd && errno == ENOENT) {
            return UniqueFd{};  // nobody can have it: it is taken once the disk can be written
        }
    }
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0) {
        return fail(errno == ENOSPC ? ErrorKind::full : ErrorKind::denied,
                    fmt::format("opening {}: {}", file.string(), std::strerror(errno)));
    }
    if (!S_ISREG(status.st_mode) || status.st_nlink != 1 || status.st_uid != geteuid()) {
        return fail(ErrorKind::invalid,
                    fmt::format("{} is not our lock file: move it away", file.string()));
    }
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        return fail(
            ErrorKind::busy,
            fmt::format("the spool in {} is in use by {}; `pwlog status` asks it, `systemctl stop "
                        "pwlog` ends it, or configure another directory in [spool]",
                        file.parent_path().string(), describe_holder(file)));
    }
    // For people; the lock is what counts, so a full disk is no reason to stop.
    const std::string pid = fmt::format("{}\n", getpid());
    if (ftruncate(fd.get(), 0) == 0 && ::write(fd.get(), pid.data(), pid.size()) < 0) {
        static_cast<void>(ftruncate(fd.get(), 0));
    }
    return fd;
}

}  // namespace pwlog
