// SPDX-License-Identifier: MIT
#include "backfill/input/line_reader.h"

#include <algorithm>
#include <cstring>

namespace pwlog {
namespace {

constexpr std::size_t first_size = std::size_t{256} * 1024;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

}  // namespace

LineReader::LineReader(std::unique_ptr<ByteInput> input, std::size_t longest)
    : input_(std::move(input)), longest_(longest), buffer_(std::min(first_size, longest * 2)) {}

// Reads more behind what is there; false when there is no more, or no room.
Result<bool> LineReader::fill() {
    if (ended_) {
        return false;
    }
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (end_ == buffer_.size()) {
        if (buffer_.size() > longest_) {
            return false;
        }
        buffer_.resize(std::min(buffer_.size() * 2, longest_ + first_size));
    }
    const auto count = input_->read(buffer_.data() + end_, buffer_.size() - end_);
    if (!count) {
        return pass_on(count);
    }
    ended_ = *count == 0;
    end_ += *count;
    return !ended_;
}

Result<bool> LineReader::next(Line& line) {
    std::size_t searched = begin_;
    for (;;) {
        const void* const found = std::memchr(buffer_.data() + searched, '\n', end_ - searched);
        const std::size_t stop =
            found != nullptr
                ? static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data())
                : end_;
        if (stop - begin_ > longest_) {
            return next_too_long(line);
        }
        if (found == nullptr) {
            searched = end_ - begin_;
            const auto more = fill();
            if (!more) {
                return pass_on(more);
            }
            searched += begin_;
            if (*more) {
                continue;
            }
            if (begin_ == end_) {
                return false;
            }
        }
        const std::size_t length = (found != nullptr ? stop : end_) - begin_;
        line.text = {buffer_.data() + begin_, length};
        line.number = position_.lines + 1;
        line.too_long = false;
        line.cut_off = found == nullptr;
        if (position_.offset == 0 && line.text.starts_with(byte_order_mark)) {
            line.text.remove_prefix(byte_order_mark.size());
        }
        if (line.text.ends_with('\r')) {
            line.text.remove_suffix(1);
        }
        const std::size_t taken = length + (line.cut_off ? 0 : 1);
        begin_ += taken;
        position_.offset += taken;
        position_.lines += 1;
        return true;
    }
}

Result<bool> LineReader::next_too_long(Line& line) {
    constexpr std::size_t shown = 200;
    line.number = position_.lines + 1;
    std::string beginning(buffer_.data() + begin_, shown);
    for (;;) {
        const void* const found = std::memchr(buffer_.data() + begin_, '\n', end_ - begin_);
        if (found != nullptr) {
            const auto stop =
                static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
            position_.offset += stop + 1 - begin_;
            begin_ = stop + 1;
            line.cut_off = false;
            break;
        }
        position_.offset += end_ - begin_;
        begin_ = end_;
        const auto more = fill();
        if (!more) {
            return pass_on(more);
        }
        if (!*more) {
            line.cut_off = true;
            break;
        }
    }
    position_.lines += 1;
    too_long_text_ = std::move(beginning);
    line.text = too_long_text_;
    line.too_long = true;
    return true;
}

Result<std::string_view> LineReader::peek(std::size_t size) {
    while (end_ - begin_ < std::min(size, longest_)) {
        const auto more = fill();
        if (!more) {
            return pass_on(more);
        }
        if (!*more) {
            break;
        }
    }
    return std::string_view(buffer_.data() + begin_, std::min(size, end_ - begin_));
}

Result<std::string_view> LineReader::take_bytes() {
    if (begin_ == end_) {
        const auto more = fill();
        if (!more) {
            return pass_on(more);
        }
    }
    const std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
    position_.offset += bytes.size();
    begin_ = end_;
    return bytes;
}

Result<void> LineReader::resume(const LinePosition& position) {
    const std::uint64_t have = position_.offset + (end_ - begin_);
    if (position.offset <= have) {
        begin_ += static_cast<std::size_t>(position.offset - position_.offset);
    } else {
        begin_ = end_ = 0;
        if (auto skipped = input_->skip_to(position.offset); !skipped) {
            return skipped;
        }
    }
    position_ = position;
    return {};
}

}  // namespace pwlog
