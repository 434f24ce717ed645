// SPDX-License-Identifier: MIT
#include "backfill/history/source_pace.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "backfill/history/sample_parts.h"
#include "base/parse_number.h"
#include "protocol/fields.h"

namespace pwlog {

SourcePace::milliseconds SourcePace::longest_gap(milliseconds least) const {
    constexpr int intervals = 3;  // as live samples are judged
    return intervals * std::max(least, middle_);
}

void SourcePace::note(Timestamp time) {
    const auto before = std::exchange(newest_, time);
    if (!before) {
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

void SourcePace::find_middle() {
    auto sorted = last_;
    std::sort(sorted.begin(), sorted.end(), std::greater());
    const auto known = std::count_if(sorted.begin(), sorted.end(),
                                     [](milliseconds spacing) { return spacing.count() > 0; });
    // Of two the shorter one: the other may be a gap.
    middle_ = known == 0 ? milliseconds(0) : sorted.at(static_cast<std::size_t>(known) / 2);
}

std::string SourcePace::save() const {
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

void SourcePace::restore(std::string_view text) {
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

SourcePace& DevicePaces::of(const Sample& sample) {
    return is_pdu(sample) ? paces_.at(static_cast<std::size_t>(sample.outlet)) : paces_.back();
}

std::chrono::milliseconds DevicePaces::longest_gap() const {
    std::optional<std::chrono::milliseconds> gap;
    for (const auto& pace : paces_) {
        const auto longest = pace.longest_gap(least_);
        gap = pace.is_known() ? std::min(gap.value_or(longest), longest) : gap;
    }
    return gap.value_or(SourcePace().longest_gap(least_));
}

std::vector<std::string> DevicePaces::save() const {
    std::vector<std::string> texts;
    std::transform(paces_.begin(), paces_.end(), std::back_inserter(texts),
                   [](const SourcePace& pace) { return pace.save(); });
    return texts;
}

void DevicePaces::restore(const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < std::min(texts.size(), paces_.size()); ++i) {
        paces_.at(i).restore(texts[i]);
    }
}

}  // namespace pwlog
