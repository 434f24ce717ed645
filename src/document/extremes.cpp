// SPDX-License-Identifier: MIT
#include "document/extremes.h"

#include <algorithm>
#include <optional>

namespace pwlog {
namespace {

Field after(Field field, int places) {
    return static_cast<Field>(static_cast<int>(field) + places);
}

/// NAME_min and NAME_max stand behind NAME in the table: NAME, where it is one of the three.
std::optional<Field> ranged(Field field) {
    const auto at = static_cast<std::size_t>(field);
    if (field_table[at].extreme != Extreme::none) {
        return after(field, field_table[at].extreme == Extreme::least ? -1 : -2);
    }
    const bool has_range =
        at + 1 < field_table.size() && field_table[at + 1].extreme == Extreme::least;
    return has_range ? std::optional(field) : std::nullopt;
}

}  // namespace

void Extremes::add(std::span<const Sample> samples) {
    for (const auto& sample : samples) {
        add(sample);
    }
}

void Extremes::add(const Sample& sample) {
    for (const auto& [field, value] : sample.values) {
        if (const auto name = ranged(field)) {
            auto& range =
                ranges_.try_emplace({sample.kind, sample.outlet, *name}, Range{value, value})
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
