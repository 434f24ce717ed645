// SPDX-License-Identifier: MIT
#include "terminal/terminal_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <clocale>
#include <cwchar>

namespace pwlog {

namespace {

unsigned int byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

bool is_continuation(std::string_view text, std::size_t at) {
    return at < text.size() && (byte_at(text, at) & 0xc0U) == 0x80U;
}

/// Length of the well-formed, harmless character at `at`; 0 = a byte to escape. RFC 3629: no
/// overlong forms, no surrogates, nothing above U+10FFFF.
std::size_t character_length(std::string_view text, std::size_t at) {
    const unsigned int first = byte_at(text, at);
    if (first < 0x80) {
        return first >= 0x20 && first != 0x7f ? 1 : 0;
    }
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text, at + i)) {
            return 0;
        }
    }
    const unsigned int second = byte_at(text, at + 1);
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool beyond = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
    const bool c1_control = first == 0xc2 && second < 0xa0;
    // U+2028 to U+202E, U+2066 to U+2069: they end lines, or turn round what stands beside them.
    const unsigned int third = length == 3 ? byte_at(text, at + 2) : 0;
    const bool turns = first == 0xe2 && ((second == 0x80 && third >= 0xa8 && third <= 0xae) ||
                                         (second == 0x81 && third >= 0xa6 && third <= 0xa9));
    return overlong || beyond || c1_control || turns ? 0 : length;
}

/// The C library's table, whatever the locale of the process is; ASCII needs none.
locale_t utf8_locale() {
    static const auto locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
}

/// How many columns of a terminal one character takes: 2 for East Asian wide ones and most emoji, 0
/// for combining ones.
std::size_t columns_of(std::string_view character) {
    const locale_t locale = character.size() > 1 ? utf8_locale() : nullptr;
    if (locale == nullptr) {
        return 1;
    }
    const locale_t before = uselocale(locale);
    wchar_t wide = 0;
    std::mbstate_t state{};
    const auto read = std::mbrtowc(&wide, character.data(), character.size(), &state);
    const int columns = read == character.size() ? wcwidth(wide) : 1;
    uselocale(before);
    return static_cast<std::size_t>(std::max(columns, 0));
}

}  // namespace

std::string terminal_text(std::string_view text) {
    std::string safe;
    safe.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = character_length(text, at);
        if (length == 0) {
            safe += fmt::format("\\x{:02x}", byte_at(text, at));
            ++at;
        } else {
            safe += text.substr(at, length);
            at += length;
        }
    }
    return safe;
}

bool is_terminal_text(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = character_length(text, at);
        if (length == 0) {
            return false;
        }
        at += length;
    }
    return true;
}

std::size_t text_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = std::max<std::size_t>(1, character_length(text, at));
        width += columns_of(text.substr(at, length));
        at += length;
    }
    return width;
}

std::vector<std::string> wrap_text(std::string_view text, std::size_t columns) {
    std::vector<std::string> lines(1);
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        const auto word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        auto& line = lines.back();
        if (line.empty()) {
            line = word;
        } else if (columns == 0 || text_width(line) + 1 + text_width(word) <= columns) {
            line += fmt::format(" {}", word);
        } else {
            lines.emplace_back(word);
        }
    }
    return lines;
}

std::string cut_text(std::string_view text, std::size_t columns) {
    if (text_width(text) <= columns) {
        return std::string(text);
    }
    std::size_t end = 0;
    for (std::size_t width = 0; end < text.size();) {
        const std::size_t length = std::max<std::size_t>(1, character_length(text, end));
        width += columns_of(text.substr(end, length));
        if (width + 1 > columns) {
            break;
        }
        end += length;
    }
    return std::string(text.substr(0, end)) + "…";
}

}  // namespace pwlog
