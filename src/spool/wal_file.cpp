#include "spool/wal_file.h"

#include <algorithm>
#include <ranges>
#include <string_view>

#include "spool/raw_file.h"
#include "spool/schema.h"

namespace pwlog {

namespace {

constexpr std::size_t header_size = 32;
constexpr std::size_t frame_header_size = 24;
/// What is longer was not made by us; then its start must do.
constexpr std::uint64_t longest_log = 16U << 20U;

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

}  // namespace

Result<WalFile> WalFile::open(const std::filesystem::path& file) {
    WalFile wal;
    auto raw = RawFile::open(file);
    if (!raw) {
        return raw.error().kind == ErrorKind::not_found ? Result<WalFile>(std::move(wal))
                                                        : pass_on(raw);
    }
    wal.bytes_ = raw->read(0, std::min<std::uint64_t>(raw->size(), longest_log));
    wal.read_frames();
    return wal;
}

void WalFile::read_frames() {
    const auto header = std::string_view(bytes_).substr(0, header_size);
    if (header.size() < header_size) {
        damaged_ = header_damaged_ = !header.empty();
        return;
    }
    const std::uint32_t magic = word(header, 0, true);
    const bool big_endian = (magic & 1U) != 0;
    Sum sum;
    sum.add(header.substr(0, 24), big_endian);
    bool readable =
        (magic | 1U) == 0x377f0683U && word(header, 8, true) == page_size && sum.is_at(header, 24);
    damaged_ = header_damaged_ = !readable;
    const auto salts = header.substr(16, 8);
    constexpr std::size_t frame_size = frame_header_size + page_size;
    for (std::size_t offset = header_size; offset + frame_size <= bytes_.size();
         offset += frame_size) {
        const auto view = std::string_view(bytes_).substr(offset, frame_size);
        const bool current = view.substr(8, 8) == salts;
        if (readable && current) {
            sum.add(view.substr(0, 8), big_endian);
            sum.add(view.substr(frame_header_size), big_endian);
        }
        readable = readable && current && sum.is_at(view, 16);
        // An unfinished commit, cut short by the end of the process, has whole frames.
        damaged_ = damaged_ || (current && !readable);
        frames_.push_back({word(view, 0, true), offset + frame_header_size, current, readable,
                           word(view, 4, true) != 0});
    }
    // What follows the last commit was never committed, or lost the rest of its transaction.
    for (Frame& frame : std::views::reverse(frames_)) {
        if (frame.readable && frame.commit) {
            break;
        }
        frame.readable = false;
    }
}

std::string_view WalFile::page(const Frame& frame) const {
    return std::string_view(bytes_).substr(frame.page_offset, page_size);
}

std::optional<std::string_view> WalFile::newest(std::uint32_t page_number) const {
    const auto frame = std::find_if(frames_.rbegin(), frames_.rend(), [&](const Frame& candidate) {
        return candidate.readable && candidate.page_number == page_number;
    });
    return frame == frames_.rend() ? std::nullopt : std::optional(page(*frame));
}

}  // namespace pwlog
