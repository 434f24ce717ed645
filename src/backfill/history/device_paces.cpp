// SPDX-License-Identifier: MIT
#include "backfill/history/device_paces.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "backfill/history/sample_parts.h"

namespace pwlog {

SamplePace& DevicePaces::of(const Sample& sample) {
    return is_pdu(sample) ? paces_.at(static_cast<std::size_t>(sample.outlet)) : paces_.back();
}

std::chrono::milliseconds DevicePaces::longest_gap() const {
    std::optional<std::chrono::milliseconds> gap;
    for (const auto& pace : paces_) {
        const auto longest = pace.longest_gap(least_);
        gap = pace.is_known() ? std::min(gap.value_or(longest), longest) : gap;
    }
    return gap.value_or(SamplePace().longest_gap(least_));
}

std::vector<std::string> DevicePaces::save() const {
    std::vector<std::string> texts;
    std::transform(paces_.begin(), paces_.end(), std::back_inserter(texts),
                   [](const SamplePace& pace) { return pace.save(); });
    return texts;
}

void DevicePaces::restore(const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < std::min(texts.size(), paces_.size()); ++i) {
        paces_.at(i).restore(texts[i]);
    }
}

}  // namespace pwlog
