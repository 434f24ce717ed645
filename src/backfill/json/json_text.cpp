// SPDX-License-Identifier: MIT
#include "backfill/json/json_text.h"

#include <cstdint>

namespace pwlog {
namespace {

// The length of the well-formed UTF-8 sequence at `at` (Unicode table 3-7), 0 for none.
std::size_t sequence_length(const unsigned char* at, std::size_t left) {
    const unsigned char lead = at[0];
    const std::size_t length = lead < 0xc2   ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || length > left) {
        return 0;
    }
    const unsigned char least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned char most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < least || at[1] > most) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if (at[i] < 0x80 || at[i] > 0xbf) {
            return 0;
        }
    }
    return length;
}

std::uint32_t hex_value(char c) {
    return static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

void append_utf8(std::string& text, std::uint32_t code) {
    const auto tail = [&](int shift) {
        text += static_cast<char>(0x80U | ((code >> shift) & 0x3fU));
    };
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xc0U | (code >> 6U));
        tail(0);
    } else if (code < 0x10000) {
        text += static_cast<char>(0xe0U | (code >> 12U));
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xf0U | (code >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

std::uint32_t four_digits(std::string_view raw, std::size_t at) {
    std::uint32_t code = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
        code = code * 16 + hex_value(raw[i]);
    }
    return code;
}

// `at` is behind "\u"; it is moved behind the digits, and behind a second half where there is one.
std::uint32_t code_point(std::string_view raw, std::size_t& at) {
    constexpr std::uint32_t unknown = 0xfffd;
    const std::uint32_t first = four_digits(raw, at);
    at += 4;
    if (first < 0xd800 || first > 0xdfff) {
        return first;
    }
    if (first > 0xdbff || raw.substr(at, 2) != "\\u") {
        return unknown;
    }
    const std::uint32_t second = four_digits(raw, at + 2);
    if (second < 0xdc00 || second > 0xdfff) {
        return unknown;
    }
    at += 6;
    return 0x10000 + ((first - 0xd800) << 10U) + (second - 0xdc00);
}

char simple_escape(char c) {
    switch (c) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return c;
    }
}

}  // namespace

std::size_t valid_utf8_length(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (static_cast<unsigned char>(text[at]) < 0x80) {
            ++at;
            continue;
        }
        const std::size_t length = sequence_length(
            reinterpret_cast<const unsigned char*>(text.data()) + at, text.size() - at);
        if (length == 0) {
            return at;
        }
        at += length;
    }
    return text.size();
}

std::string unescape_json(std::string_view raw) {
    std::string text;
    text.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size();) {
        if (raw[i] != '\\') {
            text += raw[i++];
        } else if (raw[i + 1] == 'u') {
            i += 2;
            append_utf8(text, code_point(raw, i));
        } else {
            text += simple_escape(raw[i + 1]);
            i += 2;
        }
    }
    return text;
}

}  // namespace pwlog
