// SPDX-License-Identifier: MIT
#include "spool/rescue/log_tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/unique_fd.h"
#include "spool/file_error.h"
#include "spool/schema.h"

namespace pwlog {

namespace {

constexpr std::size_t header_size = 32;
constexpr std::size_t frame_header_size = 24;
constexpr std::size_t frame_size = frame_header_size + page_size;
/// What is longer was not made by us; then its start must do.
constexpr std::size_t longest_log = 16U << 20U;

std::uint32_t word(std::string_view bytes, std::size_t offset, bool big_endian) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[offset + (big_endian ? i : 3 - i)]);
        value = (value << 8U) | byte;
    }
    return value;
}

/// The log's running checksum.
struct Sum {
    std::uint32_t first = 0;
    std::uint32_t second = 0;

    void add(std::string_view bytes, bool big_endian) {
        for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
            first += word(bytes, i, big_endian) + second;
            second += word(bytes, i + 4, big_endian) + first;
        }
    }
    bool is_at(std::string_view bytes, std::size_t offset) const {
        return first == word(bytes, offset, true) && second == word(bytes, offset + 4, true);
    }
};

tl::unexpected<Error> failed(const std::filesystem::path& file, int error) {
    return error == ENOENT ? fail(ErrorKind::not_found, "there is no " + file.string())
                           : file_error("reading", file, error);
}

}  // namespace

Result<std::string> read_bytes(const std::filesystem::path& file, std::uint64_t offset,
                               std::size_t length) {
    const UniqueFd fd(open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0) {
        return failed(file, errno);
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const auto rest = size > offset ? size - offset : 0;
    std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(length, rest)), '\0');
    for (std::size_t done = 0; done < bytes.size();) {
        const auto count = pread(fd.get(), bytes.data() + done, bytes.size() - done,
                                 static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            // The size says that there is more: a short read is a failed one and no short file.
            return failed(file, count < 0 ? errno : EIO);
        }
        done += static_cast<std::size_t>(count);
    }
    return bytes;
}

bool is_mostly_readable(const std::filesystem::path& file) {
    constexpr std::uint64_t samples = 64;
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    const std::uint64_t pages = error ? 0 : size / page_size;
    std::uint64_t readable = 0;
    for (std::uint64_t i = 0; i < samples; ++i) {
        readable += read_bytes(file, pages * i / samples * page_size, page_size) ? 1 : 0;
    }
    return readable > samples / 2;
}

Result<LogTail> read_log_tail(const std::filesystem::path& file) {
    const auto bytes = read_bytes(file, 0, longest_log);
    if (!bytes) {
        return bytes.error().kind == ErrorKind::not_found ? Result<LogTail>(LogTail{})
                                                          : pass_on(bytes);
    }
    LogTail tail;
    const std::string_view all = *bytes;
    tail.empty = all.size() <= header_size;
    if (all.size() < header_size) {
        tail.damaged = !all.empty();
        return tail;
    }
    const std::uint32_t magic = word(all, 0, true);
    const bool big_endian = (magic & 1U) != 0;
    Sum sum;
    sum.add(all.substr(0, 24), big_endian);
    bool readable =
        (magic | 1U) == 0x377f0683U && word(all, 8, true) == page_size && sum.is_at(all, 24);
    tail.damaged = !readable;
    // Where the header is wrong, the first frame still has the salts of the newest ones.
    const auto salts = all.substr(readable || tail.empty ? 16 : header_size + 8, 8);
    std::optional<std::string> uncommitted;
    for (auto rest = all.substr(header_size); rest.size() >= frame_size;
         rest.remove_prefix(frame_size)) {
        const auto frame = rest.substr(0, frame_size);
        if (frame.substr(8, 8) != salts) {
            readable = false;
            continue;
        }
        sum.add(frame.substr(0, 8), big_endian);
        sum.add(frame.substr(frame_header_size), big_endian);
        readable = readable && sum.is_at(frame, 16);
        // An unfinished commit, cut short by the end of the process, has whole frames.
        tail.damaged = tail.damaged || !readable;
        const auto page = frame.substr(frame_header_size);
        const bool is_books = word(frame, 0, true) == ledger_page;
        if (is_books) {
            uncommitted = page;
        }
        if (!readable && uncommitted) {
            tail.lost_books = std::move(uncommitted);
            uncommitted.reset();
        }
        if (readable && word(frame, 4, true) != 0 && uncommitted) {
            tail.readable_books = std::move(uncommitted);
            uncommitted.reset();
        }
    }
    return tail;
}

}  // namespace pwlog
