#include "backfill/input/rejects_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/printable.h"
#include "base/sync_folder.h"

namespace pwlog {

RejectsFile::RejectsFile(std::filesystem::path path, std::string source, std::string header)
    : path_(std::move(path)), source_(std::move(source)), header_(std::move(header)) {}

Result<void> RejectsFile::open(int flags) {
    fd_ = UniqueFd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags,
                          S_IRUSR | S_IWUSR));
    if (!fd_) {
        return fail(ErrorKind::io, fmt::format("opening the rejects file {}: {}", path_.string(),
                                               std::strerror(errno)));
    }
    return {};
}

Result<void> RejectsFile::start() {
    std::error_code error;
    if (std::filesystem::exists(path_, error)) {
        std::filesystem::rename(path_, path_.string() + ".old", error);
    }
    if (error) {
        return fail(ErrorKind::io, fmt::format("moving the rejects file {} aside: {}",
                                               path_.string(), error.message()));
    }
    return {};
}

Result<void> RejectsFile::resume(std::uint64_t bytes) {
    std::error_code error;
    if (bytes == 0) {
        std::filesystem::remove(path_, error);
        if (error) {
            return fail(ErrorKind::io, fmt::format("removing the rejects file {}: {}",
                                                   path_.string(), error.message()));
        }
        return {};
    }
    if (auto opened = open(O_APPEND); !opened) {
        return opened;
    }
    struct stat file {};
    if (fstat(fd_.get(), &file) != 0) {
        return fail(ErrorKind::io, fmt::format("looking at the rejects file {}: {}", path_.string(),
                                               std::strerror(errno)));
    }
    if (static_cast<std::uint64_t>(file.st_size) < bytes) {
        // Somebody took it away to mend it; what comes now goes into a fresh one.
        fd_.reset();
        return start();
    }
    if (ftruncate(fd_.get(), static_cast<off_t>(bytes)) != 0) {
        return fail(ErrorKind::io, fmt::format("cutting the rejects file {}: {}", path_.string(),
                                               std::strerror(errno)));
    }
    bytes_ = bytes;
    return {};
}

Result<void> RejectsFile::write_text(std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = write(fd_.get(), text.data(), text.size());
        if (count < 0 && errno != EINTR) {
            return fail(ErrorKind::io, fmt::format("writing the rejects file {}: {}",
                                                   path_.string(), std::strerror(errno)));
        }
        const auto written = count > 0 ? static_cast<std::size_t>(count) : 0;
        text.remove_prefix(written);
        bytes_ += written;
    }
    return {};
}

Result<void> RejectsFile::add(const RejectedLine& reject) {
    std::string text;
    if (!fd_) {
        if (auto opened = open(O_TRUNC); !opened) {
            return opened;
        }
        new_ = true;
        text = header_.empty() ? "" : header_ + "\n";
    }
    text += fmt::format("# {}\n", describe(source_, reject));
    if (!reject.text.empty()) {
        text += reject.text;
        text += '\n';
    }
    dirty_ = true;
    return write_text(text);
}

Result<void> RejectsFile::sync() {
    if (dirty_ && (fdatasync(fd_.get()) != 0 || (new_ && !sync_folder_of(path_)))) {
        return fail(ErrorKind::io, fmt::format("making the rejects file {} durable: {}",
                                               path_.string(), std::strerror(errno)));
    }
    dirty_ = false;
    new_ = false;
    return {};
}

std::string describe(std::string_view source, const RejectedLine& reject) {
    constexpr std::size_t longest_reason = 1024;
    const auto name = printable(source, 200);
    const auto reason = printable(reject.reason, longest_reason);
    return reject.line == 0 ? fmt::format("{}: {}", name, reason)
                            : fmt::format("{}:{}: {}", name, reject.line, reason);
}

}  // namespace pwlog
