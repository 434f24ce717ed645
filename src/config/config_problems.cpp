// SPDX-License-Identifier: MIT
#include "config/config_problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "terminal/terminal_text.h"

namespace pwlog {

namespace {

constexpr std::size_t most_characters = 500;

/// Letters to change, add, remove or swap with their neighbour to make one of the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, changed});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        std::swap(before_last, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

struct SyntaxMistake {
    std::string_view told;  ///< by the parser, or part of that
    std::string_view words;
};

constexpr std::array<SyntaxMistake, 12> syntax_mistakes{{
    {"control characters", "a text is not closed: a quote is missing at the end of this line"},
    {"determine value type",
     R"(the value is no number, true or false, and a text needs straight quotes: "rack1")"},
    {"parsing boolean", "true and false are written in small letters"},
    {"existing table", "this section is there twice: put the keys of both into one"},
    {"existing", "this key is there twice"},
    {"table header: expected",
     "a section begins with its name in brackets, [mqtt] or [[pdu]], alone in its line"},
    {"array: expected comma", "in a list, a comma or the closing ] is missing"},
    {"integer: expected digit", R"(a number with anything behind it needs quotes: "10s")"},
    {"pair: expected a comment or whitespace, saw ','",
     "a number has a decimal point, not a comma: 0.31"},
    {"pair: expected a comment", "only a # comment may stand behind the value"},
    {"expected '='", R"(expected key = value, such as interval = "10s")"},
    {"root table: expected keys", "expected key = value, a [section] or a # comment"},
}};

}  // namespace

std::string syntax_problem(std::string_view told) {
    const auto* const known = std::find_if(
        syntax_mistakes.begin(), syntax_mistakes.end(),
        [&](const auto& mistake) { return told.find(mistake.told) != std::string_view::npos; });
    return std::string(known == syntax_mistakes.end() ? told : known->words);
}

void ConfigProblems::add(const ConfigPlace& place, std::string_view text) {
    if (++count_ <= most_lines) {
        texts_.emplace(std::pair(place.file, place.line),
                       cut_text(terminal_text(text), most_characters));
    }
}

std::string ConfigProblems::line_text(const ConfigPlace& place, const ConfigPlace& from) const {
    if (place.file == from.file) {
        return fmt::format("line {}", place.line);
    }
    return fmt::format("{}:{}", place.file.empty() ? file_ : terminal_text(place.file), place.line);
}

std::string ConfigProblems::text() const {
    std::vector<std::string> lines;
    for (const auto& [place, text] : texts_) {
        const auto file = place.first.empty() ? file_ : terminal_text(place.first);
        lines.push_back(place.second == 0 ? fmt::format("{}: {}", file, text)
                                          : fmt::format("{}:{}: {}", file, place.second, text));
    }
    if (count_ > lines.size()) {
        lines.push_back(fmt::format("{}: and {} more", file_, count_ - lines.size()));
    }
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& known,
                              std::optional<std::size_t> most_off) {
    if (name.size() > 64) {
        return {};
    }
    std::string_view nearest;
    std::size_t least = most_off.value_or(std::max<std::size_t>(2, name.size() / 3)) + 1;
    for (const std::string_view candidate : known) {
        const std::size_t distance = edit_distance(name, candidate);
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

}  // namespace pwlog
