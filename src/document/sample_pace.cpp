// SPDX-License-Identifier: MIT
#include "document/sample_pace.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/parse_number.h"
#include "protocol/fields.h"

namespace pwlog {

SamplePace::milliseconds SamplePace::longest_gap(milliseconds least) const {
    return intervals_in_gap * std::max(least, middle_);
}

void SamplePace::note(Timestamp time) {
    const auto before = std::exchange(newest_, time);
    if (!before || time <= *before) {
        return;
    }
    const auto spacing = time - *before;
    const bool as_all =
        std::all_of(last_.begin(), last_.end(), [&](auto other) { return other == spacing; });
    if (!as_all) {
        std::rotate(last_.begin(), last_.end() - 1, last_.end());
        last_.front() = spacing;
        find_middle();
    }
}

void SamplePace::find_middle() {
    auto sorted = last_;
    std::sort(sorted.begin(), sorted.end(), std::greater());
    const auto known = std::count_if(sorted.begin(), sorted.end(),
                                     [](milliseconds spacing) { return spacing.count() > 0; });
    // Of two the shorter one: the other may be a gap.
    middle_ = known == 0 ? milliseconds(0) : sorted.at(static_cast<std::size_t>(known) / 2);
}

std::string SamplePace::save() const {
    if (!newest_) {
        return "-";
    }
    auto text = std::to_string(newest_->time_since_epoch().count());
    for (const auto spacing : last_) {
        text += ' ';
        text += std::to_string(spacing.count());
    }
    return text;
}

void SamplePace::restore(std::string_view text) {
    const auto fields = split_fields(text);
    const auto number = [&](std::size_t i) {
        return milliseconds(parse_number<std::int64_t>(fields[i]).value_or(0));
    };
    *this = {};
    if (fields.size() == last_.size() + 1) {
        newest_ = Timestamp(number(0));
        for (std::size_t i = 0; i < last_.size(); ++i) {
            last_.at(i) = number(i + 1);
        }
        find_middle();
    }
}

}  // namespace pwlog
