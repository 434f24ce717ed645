// SPDX-License-Identifier: MIT
#include "terminal/text_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "terminal/terminal_text.h"

namespace pwlog {

TextTable& TextTable::column(std::string heading, Align align) {
    const std::size_t width = text_width(heading);
    columns_.push_back({std::move(heading), align, width});
    return *this;
}

void TextTable::row(const std::vector<std::string>& cells) {
    std::vector<std::string> safe(columns_.size());
    for (std::size_t i = 0; i < std::min(cells.size(), safe.size()); ++i) {
        safe[i] = terminal_text(cells[i]);
        columns_[i].width = std::max(columns_[i].width, text_width(safe[i]));
    }
    rows_.push_back(std::move(safe));
}

std::string TextTable::line(const std::vector<std::string>& cells, std::size_t count) const {
    std::string line;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string blanks(columns_[i].width - text_width(cells[i]), ' ');
        line += columns_[i].align == Align::right ? blanks + cells[i] : cells[i] + blanks;
        line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + '\n';
}

std::string TextTable::text(std::size_t columns) const {
    if (rows_.empty()) {
        return {};
    }
    std::size_t count = 1;
    for (std::size_t width = columns_.front().width; count < columns_.size(); ++count) {
        width += 2 + columns_[count].width;
        if (columns > 0 && width > columns) {
            break;
        }
    }
    std::vector<std::string> headings;
    headings.reserve(columns_.size());
    for (const Column& column : columns_) {
        headings.push_back(column.heading);
    }
    std::string text = line(headings, count);
    for (const auto& row : rows_) {
        text += line(row, count);
    }
    return text;
}

std::string grouped(std::int64_t number) {
    std::string digits = fmt::format("{}", number);
    const std::size_t first = number < 0 ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

}  // namespace pwlog
