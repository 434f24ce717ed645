// SPDX-License-Identifier: MIT
#include "document/extremes.h"

#include <algorithm>

namespace pwlog {
namespace {

/// NAME_min and NAME_max stand behind NAME in the table.
bool has_range(Field field) {
    const auto next = static_cast<std::size_t>(field) + 1;
    return next < field_table.size() && field_table[next].extreme == Extreme::least;
}

Field after(Field field, int places) {
    return static_cast<Field>(static_cast<int>(field) + places);
}

}  // namespace

void Extremes::add(std::span<const Sample> samples) {
    for (const auto& sample : samples) {
        add(sample);
    }
}

void Extremes::add(const Sample& sample) {
    for (const auto& [field, value] : sample.values) {
        if (has_range(field)) {
            auto& range =
                ranges_.try_emplace({sample.kind, sample.outlet, field}, Range{value, value})
                    .first->second;
            range.least = std::min(range.least, value);
            range.greatest = std::max(range.greatest, value);
        }
    }
}

void Extremes::write_into(Sample& sample) const {
    for (auto at = ranges_.lower_bound({sample.kind, sample.outlet, Field{}});
         at != ranges_.end() && std::get<0>(at->first) == sample.kind &&
         std::get<1>(at->first) == sample.outlet;
         ++at) {
        const Field field = std::get<2>(at->first);
        sample.values.set(after(field, 1), at->second.least);
        sample.values.set(after(field, 2), at->second.greatest);
    }
}

}  // namespace pwlog
