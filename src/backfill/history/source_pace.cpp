// SPDX-License-Identifier: MIT
#include "backfill/history/source_pace.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/parse_number.h"
#include "protocol/fields.h"

namespace pwlog {

SourcePace::milliseconds SourcePace::longest_gap(milliseconds least) const {
    constexpr int intervals = 3;  // as live samples are judged
    auto sorted = last_;
    const auto known = std::count_if(sorted.begin(), sorted.end(),
                                     [](milliseconds spacing) { return spacing.count() > 0; });
    std::sort(sorted.begin(), sorted.end(), std::greater());
    // Of two the shorter one: the other may be a gap.
    const auto middle =
        known == 0 ? milliseconds(0) : sorted.at(static_cast<std::size_t>(known) / 2);
    return intervals * std::max(least, middle);
}

void SourcePace::note(milliseconds spacing) {
    std::rotate(last_.begin(), last_.end() - 1, last_.end());
    last_.front() = spacing;
}

std::string SourcePace::save() const {
    std::string text;
    for (const auto spacing : last_) {
        text += fmt::format("{}{}", text.empty() ? "" : " ", spacing.count());
    }
    return text;
}

void SourcePace::restore(std::string_view text) {
    const auto fields = split_fields(text);
    for (std::size_t i = 0; i < std::min(fields.size(), last_.size()); ++i) {
        last_.at(i) = milliseconds(parse_number<std::int64_t>(fields[i]).value_or(0));
    }
}

}  // namespace pwlog
