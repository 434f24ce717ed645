// SPDX-License-Identifier: MIT
#include "sampling/grid.h"

namespace pwlog {

Grid::Grid(std::chrono::milliseconds interval, const Clock& clock)
    : interval_(interval), clock_(clock) {}

/// A wall clock that steps or is slewed moves the grid; half an interval keeps two cycles apart.
bool Grid::is_unserved(SteadyTime tick) const { return tick >= *last_ + interval_ / 2; }

void Grid::read_at(SteadyTime moment) {
    if (const auto passed = (moment - *last_) / interval_; passed > 0) {
        *last_ += passed * interval_;
        late_ += static_cast<std::uint64_t>(passed);
    }
}

SteadyTime Grid::next() {
    const auto steady = clock_.steady_now();
    const auto wall = clock_.wall_now().time_since_epoch();
    const auto since_tick = wall % interval_;
    auto next = steady + (interval_ - since_tick);
    if (last_) {
        if (since_tick <= interval_ / 4 && is_unserved(steady - since_tick)) {
            next = steady - since_tick;
        } else if (!is_unserved(next)) {
            next += interval_;
        }
        const auto missed = (next - *last_ - interval_ / 2) / interval_;
        late_ += missed > 0 ? static_cast<std::uint64_t>(missed) : 0;
    }
    last_ = next;
    return next;
}

}  // namespace pwlog
