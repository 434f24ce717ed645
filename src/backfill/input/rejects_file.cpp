// SPDX-License-Identifier: MIT
#include "backfill/input/rejects_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/printable.h"
#include "base/sync_folder.h"

namespace pwlog {
namespace {

// Whoever gave a reason has made foreign text in it printable; twice would be once too much.
std::string one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        line +=
            byte < 0x20 || byte == 0x7f ? printable(std::string_view(&c, 1)) : std::string(1, c);
    }
    return line;
}

}  // namespace

std::uint64_t fnv_hash(std::string_view bytes, std::uint64_t start) {
    std::uint64_t hash = start;
    for (const char c : bytes) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    return hash;
}

RejectsFile::RejectsFile(std::filesystem::path path, std::vector<RejectsOrigin> origins)
    : path_(std::move(path)), origins_(std::move(origins)) {}

Result<void> RejectsFile::open(int flags) {
    fd_ = UniqueFd(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags,
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

bool RejectsFile::holds(const RejectsMark& mark) const {
    std::uint64_t hash = fnv_start;
    std::string bytes(std::size_t{64} * 1024, '\0');
    for (std::uint64_t at = 0; at < mark.bytes;) {
        const auto count =
            pread(fd_.get(), bytes.data(), std::min<std::uint64_t>(bytes.size(), mark.bytes - at),
                  static_cast<off_t>(at));
        if (count <= 0) {
            return false;
        }
        hash = fnv_hash(std::string_view(bytes).substr(0, static_cast<std::size_t>(count)), hash);
        at += static_cast<std::uint64_t>(count);
    }
    return hash == mark.hash;
}

Result<void> RejectsFile::resume(const RejectsMark& mark) {
    if (mark.bytes == 0) {
        return start();
    }
    if (auto opened = open(O_APPEND); !opened) {
        return opened;
    }
    if (!holds(mark)) {
        fd_.reset();
        return append();
    }
    if (ftruncate(fd_.get(), static_cast<off_t>(mark.bytes)) != 0) {
        return fail(ErrorKind::io, fmt::format("cutting the rejects file {}: {}", path_.string(),
                                               std::strerror(errno)));
    }
    mark_ = mark;
    if (origins_.size() == 1) {
        last_origin_ = 0;  // of several a header too many is better than one too few
    }
    return {};
}

Result<void> RejectsFile::append() {
    append_ = true;
    return {};
}

Result<void> RejectsFile::write_text(std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(fd_.get(), text.data(), text.size());
        if (count < 0 && errno != EINTR) {
            return fail(ErrorKind::io, fmt::format("writing the rejects file {}: {}",
                                                   path_.string(), std::strerror(errno)));
        }
        const auto written = count > 0 ? static_cast<std::size_t>(count) : 0;
        mark_.bytes += written;
        mark_.hash = fnv_hash(text.substr(0, written), mark_.hash);
        text.remove_prefix(written);
    }
    return {};
}

Result<void> RejectsFile::add(const RejectedLine& reject) {
    const auto& origin = origins_.at(reject.source);
    std::string text;
    if (!fd_) {
        if (auto opened = open(append_ ? O_APPEND : O_TRUNC); !opened) {
            return opened;
        }
        new_ = true;
    }
    if (last_origin_ != reject.source) {
        text = origin.header.empty() ? "" : origin.header + "\n";
        last_origin_ = reject.source;
    }
    text += fmt::format("# {}\n", describe(origin.name, reject));
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
    const auto name = one_line(source.substr(0, 200));
    const auto reason = one_line(std::string_view(reject.reason).substr(0, longest_reason));
    return reject.line == 0 ? fmt::format("{}: {}", name, reason)
                            : fmt::format("{}:{}: {}", name, reject.line, reason);
}

}  // namespace pwlog
