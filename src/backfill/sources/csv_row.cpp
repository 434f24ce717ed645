// SPDX-License-Identifier: MIT
#include "backfill/sources/csv_row.h"

#include <algorithm>

namespace pwlog {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

}  // namespace

/// From behind the opening quote to behind the closing one; npos: there is none.
std::size_t CsvRow::take_quoted(std::string_view line, std::size_t at) {
    for (;;) {
        const std::size_t quote = line.find('"', at);
        if (quote == line.npos) {
            return quote;
        }
        unquoted_ += line.substr(at, quote - at);
        at = quote + 1;
        if (at >= line.size() || line[at] != '"') {
            return at;
        }
        unquoted_ += '"';
        ++at;
    }
}

bool CsvRow::split(std::string_view line, char delimiter) {
    fields_.clear();
    unquoted_.clear();
    unquoted_.reserve(line.size());  // so that it never moves away from under the fields
    is_garbled_ = false;
    for (std::size_t at = 0;; ++at) {
        const std::size_t first = std::min(line.find_first_not_of(' ', at), line.size());
        const bool quoted = first < line.size() && line[first] == '"' && delimiter != ' ';
        const std::size_t begin = unquoted_.size();
        if (quoted) {
            at = take_quoted(line, first + 1);
            if (at == line.npos) {
                return false;
            }
            at = std::min(line.find_first_not_of(' ', at), line.size());
            is_garbled_ = is_garbled_ || (at < line.size() && line[at] != delimiter);
        }
        const std::size_t end = std::min(line.find(delimiter, at), line.size());
        const auto plain = line.substr(at, end - at);
        unquoted_ += quoted ? plain : std::string_view();
        fields_.push_back(quoted ? std::string_view(unquoted_).substr(begin) : trimmed(plain));
        if (end == line.size()) {
            return true;
        }
        at = end;
    }
}

}  // namespace pwlog
