// SPDX-License-Identifier: MIT
#include "backfill/json/json_scanner.h"

#include <bit>
#include <cctype>
#include <cstring>

#include "backfill/json/json_text.h"
#include "backfill/json/json_walk.h"
#include "base/parse_number.h"

namespace pwlog {
namespace {

constexpr std::uint64_t each_byte = 0x0101010101010101;
constexpr std::uint64_t high_bits = 0x8080808080808080;

constexpr std::uint64_t zero_bytes(std::uint64_t word) {
    return (word - each_byte) & ~word & high_bits;
}

// The high bit of each byte that ends a run of plain characters: quote, backslash, control. Exact
// for the lowest such byte, which is the only one asked for.
constexpr std::uint64_t special_bytes(std::uint64_t word) {
    const std::uint64_t control = (word - each_byte * 0x20) & ~word & high_bits;
    return control | zero_bytes(word ^ (each_byte * '"')) | zero_bytes(word ^ (each_byte * '\\'));
}

}  // namespace

bool JsonScanner::fail(const char* error) {
    error_ = error;
    return false;
}

bool JsonScanner::string(std::string_view& raw) {
    if (!take('"')) {
        return fail("a text in quotes was expected");
    }
    const char* const start = cursor_;
    had_escape_ = false;
    for (;;) {
        if constexpr (std::endian::native == std::endian::little) {
            while (end_ - cursor_ >= 8) {
                std::uint64_t word = 0;
                std::memcpy(&word, cursor_, sizeof word);
                beyond_ascii_ |= word;
                const std::uint64_t special = special_bytes(word);
                if (special != 0) {
                    cursor_ += std::countr_zero(special) / 8;
                    break;
                }
                cursor_ += 8;
            }
        }
        if (at_end()) {
            return fail("it ends within a text");
        }
        const char c = *cursor_;
        if (c == '"') {
            raw = {start, static_cast<std::size_t>(cursor_ - start)};
            ++cursor_;
            return true;
        }
        if (c == '\\') {
            had_escape_ = true;
            if (!escape()) {
                return false;
            }
        } else if (static_cast<unsigned char>(c) < 0x20) {
            return fail("a control character stands in a text");
        } else {
            beyond_ascii_ |= static_cast<unsigned char>(c);
            ++cursor_;
        }
    }
}

bool JsonScanner::escape() {
    if (end_ - cursor_ < 2) {
        return fail("it ends within a text");
    }
    const char kind = cursor_[1];
    if (kind == 'u') {
        if (end_ - cursor_ < 6) {
            return fail("it ends within a text");
        }
        for (int i = 2; i < 6; ++i) {
            if (!std::isxdigit(static_cast<unsigned char>(cursor_[i]))) {
                return fail("\\u needs four hexadecimal digits");
            }
        }
        cursor_ += 6;
        return true;
    }
    if (std::strchr("\"\\/bfnrt", kind) == nullptr || kind == '\0') {
        return fail("an unknown escape stands in a text");
    }
    cursor_ += 2;
    return true;
}

bool JsonScanner::number(std::string_view& raw) {
    const char* const start = cursor_;
    const auto digits = [&] {
        const char* const first = cursor_;
        while (cursor_ != end_ && is_digit(*cursor_)) {
            ++cursor_;
        }
        return cursor_ != first;
    };
    take('-');
    if (!take('0') && !digits()) {
        return fail("a value was expected");
    }
    if (take('.') && !digits()) {
        return fail("a digit must follow the decimal point");
    }
    if (peek() == 'e' || peek() == 'E') {
        ++cursor_;
        if (!take('+')) {
            take('-');
        }
        if (!digits()) {
            return fail("a digit must follow the exponent's sign");
        }
    }
    raw = {start, static_cast<std::size_t>(cursor_ - start)};
    return true;
}

bool JsonScanner::literal(std::string_view word) {
    const char* const begin = cursor_;
    return take(word) ? note(begin, JsonLeaf::Role::plain) : fail("a value was expected");
}

bool JsonScanner::note(const char* begin, JsonLeaf::Role role) {
    if (leaves_ != nullptr) {
        leaves_->push_back({static_cast<std::size_t>(begin - begin_), where(), role});
    }
    return true;
}

bool JsonScanner::string_value(std::string_view& raw, JsonLeaf::Role role) {
    const char* const begin = cursor_;
    return string(raw) && note(begin, role);
}

bool JsonScanner::number_value(std::string_view& raw, JsonLeaf::Role role) {
    const char* const begin = cursor_;
    return number(raw) && note(begin, role);
}

bool JsonScanner::skip_value(int depth_left) {
    std::string_view ignored;
    switch (peek()) {
        case '"':
            return string_value(ignored);
        case '{':
        case '[':
            return depth_left > 0 ? skip_within(depth_left - 1) : fail("it is nested too deeply");
        case 't':
            return literal("true");
        case 'f':
            return literal("false");
        case 'n':
            return literal("null");
        default:
            return number_value(ignored);
    }
}

bool JsonScanner::skip_within(int depth_left) {
    const auto skip = [&](auto...) { return skip_value(depth_left); };
    return peek() == '{' ? walk_object(*this, skip) : walk_list(*this, skip);
}

bool JsonScanner::check_utf8() {
    if ((beyond_ascii_ & high_bits) == 0) {
        return true;
    }
    const std::string_view text(begin_, static_cast<std::size_t>(end_ - begin_));
    const std::size_t valid = valid_utf8_length(text);
    if (valid != text.size()) {
        cursor_ = begin_ + valid;
        return fail("a byte that is not UTF-8");
    }
    return true;
}

}  // namespace pwlog
