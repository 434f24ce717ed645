// SPDX-License-Identifier: MIT
#include "backfill/map/time_bounds.h"

#include <fmt/format.h>

#include <algorithm>

#include "document/document.h"

namespace pwlog {

TimeBounds TimeBounds::usual(Timestamp now, std::optional<Timestamp> since,
                             std::optional<Timestamp> until) {
    const Timestamp millennium = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);
    const Timestamp tomorrow = now + std::chrono::days(1);
    return {std::min(millennium, since.value_or(millennium)),
            std::max(tomorrow, until.value_or(tomorrow))};
}

std::string TimeBounds::problem(Timestamp time) const {
    if (first && time < *first) {
        return fmt::format("{} is before 2000; where that is meant say so with --since",
                           format_time(time));
    }
    if (last && time > *last) {
        return fmt::format("{} is more than a day ahead; where that is meant say so with --until",
                           format_time(time));
    }
    return {};
}

}  // namespace pwlog
