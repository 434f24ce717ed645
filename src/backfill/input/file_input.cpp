// SPDX-License-Identifier: MIT
#include "backfill/input/file_input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pwlog {
namespace {

ErrorKind kind_of(int error) {
    switch (error) {
        case ENOENT:
            return ErrorKind::not_found;
        case EACCES:
            return ErrorKind::denied;
        default:
            return ErrorKind::io;
    }
}

}  // namespace

bool is_regular_file(const std::string& path) {
    struct stat file {};
    return !path.starts_with("/dev/") && !path.starts_with("/proc/") &&
           stat(path.c_str(), &file) == 0 && S_ISREG(file.st_mode);
}

Result<FileInput> FileInput::open(const std::string& path, const std::stop_token& stop) {
    UniqueFd fd(path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                            : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    const int error = errno;
    struct stat file {};
    if (!fd || fstat(fd.get(), &file) != 0) {
        return fail(kind_of(error), fmt::format("opening {}: {}", path, std::strerror(error)));
    }
    if (S_ISDIR(file.st_mode)) {
        return fail(ErrorKind::invalid, fmt::format("{} is a folder, not a file", path));
    }
    FileInput input(path == "-" ? "standard input" : path, std::move(fd), stop);
    if (S_ISREG(file.st_mode)) {
        input.total_ = static_cast<std::uint64_t>(file.st_size);
    }
    return input;
}

// A pipe may stay empty for ever, and one with a name may have no writer yet.
Result<void> FileInput::wait() const {
    constexpr int at_most_ms = 200;
    pollfd pipe{fd_.get(), POLLIN, 0};
    while (!total_ && poll(&pipe, 1, at_most_ms) == 0) {
        if (stop_.stop_requested()) {
            return fail(ErrorKind::stopped, fmt::format("asked to stop while reading {}", path_));
        }
    }
    return {};
}

Result<std::size_t> FileInput::read(char* to, std::size_t size) {
    for (;;) {
        if (const auto waited = wait(); !waited) {
            return pass_on(waited);
        }
        const ssize_t count = ::read(fd_.get(), to, size);
        if (count >= 0) {
            consumed_ += static_cast<std::size_t>(count);
            return static_cast<std::size_t>(count);
        }
        if (errno != EINTR && errno != EAGAIN) {
            return fail(ErrorKind::io, fmt::format("reading {}: {}", path_, std::strerror(errno)));
        }
    }
}

Result<void> FileInput::skip_to(std::uint64_t offset) {
    if (total_) {
        if (lseek(fd_.get(), static_cast<off_t>(offset), SEEK_SET) < 0) {
            return fail(ErrorKind::io, fmt::format("{}: going to byte {}: {}", path_, offset,
                                                   std::strerror(errno)));
        }
        consumed_ = offset;
        return {};
    }
    std::string ignored(std::size_t{64} * 1024, '\0');
    while (consumed_ < offset) {
        const auto count =
            read(ignored.data(), std::min<std::uint64_t>(ignored.size(), offset - consumed_));
        if (!count) {
            return pass_on(count);
        }
        if (*count == 0) {
            return fail(ErrorKind::invalid, fmt::format("{} ends before byte {}", path_, offset));
        }
    }
    return {};
}

}  // namespace pwlog
