// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"

namespace pwlog {

/// Between which times history can be. What is outside is rather misread: a count of seconds since
/// the start, a date without a separator, a clock that was never set; each would make an index.
struct TimeBounds {
    std::optional<Timestamp> first;
    std::optional<Timestamp> last;

    /// From 2000 to a day ahead; further where --since or --until say so.
    static TimeBounds usual(Timestamp now, std::optional<Timestamp> since,
                            std::optional<Timestamp> until);

    /// Empty, or why this is no time that history can have.
    std::string problem(Timestamp time) const;
};

}  // namespace pwlog
