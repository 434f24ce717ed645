// SPDX-License-Identifier: MIT
#include "watch/watch_screen.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "terminal/terminal_text.h"

namespace pwlog {

namespace {

// Eighths of a block, from none to all.
constexpr std::array<std::string_view, 9> left_blocks{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
constexpr std::array<std::string_view, 8> low_blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 8> low_letters{"_", ".", "-", "~", "=", "+", "*", "#"};

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

/// cut_text() ends in "…", which ASCII lacks.
std::string cut_to(const Canvas& canvas, const std::string& text, std::size_t width) {
    if (text_width(text) <= width) {
        return text;
    }
    if (canvas.utf8) {
        return cut_text(text, width);
    }
    return width < 2 ? text.substr(0, width) : text.substr(0, width - 1) + "~";
}

}  // namespace

std::string shown(const Canvas& canvas, std::string_view text) {
    std::string safe = terminal_text(text);
    if (canvas.utf8) {
        return safe;
    }
    std::string ascii;
    for (const char byte : safe) {
        if (static_cast<unsigned char>(byte) < 0x80) {
            ascii += byte;
        } else if (!is_continuation(byte)) {
            ascii += '?';
        }
    }
    return ascii;
}

std::string bar(const Canvas& canvas, double share, std::size_t width) {
    const double filled = std::clamp(share, 0.0, 1.0) * static_cast<double>(width);
    auto whole = static_cast<std::size_t>(filled);
    std::string text;
    if (!canvas.utf8) {
        whole = static_cast<std::size_t>(std::lround(filled));
        return std::string(whole, '#') + std::string(width - whole, ' ');
    }
    for (std::size_t i = 0; i < whole; ++i) {
        text += left_blocks.back();
    }
    if (whole < width) {
        const auto eighths = static_cast<std::size_t>((filled - static_cast<double>(whole)) * 8);
        text += eighths == 0 ? std::string_view(" ") : left_blocks.at(eighths);
        text.append(width - whole - 1, ' ');
    }
    return text;
}

/// From the least to the greatest of what is shown; a range below a fifth of the greatest is
/// widened to that, so that noise does not look like a storm.
std::string sparkline(const Canvas& canvas, const std::deque<double>& values, std::size_t width) {
    const auto& levels = canvas.utf8 ? low_blocks : low_letters;
    const std::size_t count = std::min(width, values.size());
    std::string text(width - count, ' ');
    if (count == 0) {
        return text;
    }
    const auto first = values.end() - static_cast<std::ptrdiff_t>(count);
    const auto [least, greatest] = std::minmax_element(first, values.end());
    const double range = std::max({*greatest - *least, std::abs(*greatest) / 5, 1e-9});
    const double bottom = *greatest == 0 ? *least : (*greatest + *least - range) / 2;
    for (auto value = first; value != values.end(); ++value) {
        const double height = (*value - bottom) / range * static_cast<double>(levels.size());
        const auto level = static_cast<std::ptrdiff_t>(std::floor(height));
        text += levels.at(
            static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(level, 0, std::ssize(levels) - 1)));
    }
    return text;
}

void LineWriter::put(std::size_t column, std::string_view text, Paint paint, std::size_t width) {
    if (column >= canvas_.columns || text.empty()) {
        return;
    }
    const std::size_t room = canvas_.columns - column;
    std::string safe =
        cut_to(canvas_, shown(canvas_, text), width == 0 ? room : std::min(width, room));
    end_ = std::max(end_, column + text_width(safe));
    line_.push_back({column, std::move(safe), paint});
}

void LineWriter::put_right(std::size_t column, std::size_t width, std::string_view text,
                           Paint paint) {
    const std::size_t wide = std::min(text_width(shown(canvas_, text)), width);
    put(column + width - wide, text, paint, width);
}

bool LineWriter::add(std::string_view text, Paint paint) {
    const std::size_t column = end_ == 0 ? 0 : end_ + 2;
    if (column + text_width(shown(canvas_, text)) > canvas_.columns) {
        return false;
    }
    put(column, text, paint);
    return true;
}

void LineWriter::add_cut(std::string_view text, Paint paint) {
    put(end_ == 0 ? 0 : end_ + 2, text, paint);
}

}  // namespace pwlog
