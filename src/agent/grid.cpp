#include "agent/grid.h"

namespace pwlog {

Grid::Grid(std::chrono::milliseconds interval, const Clock& clock)
    : interval_(interval), clock_(clock) {}

SteadyTime Grid::next() {
    const auto steady = clock_.steady_now();
    const auto wall = clock_.wall_now().time_since_epoch();
    auto next = steady + (interval_ - wall % interval_);
    if (last_) {
        // A wall clock that steps or is slewed moves the grid; half an interval keeps two cycles
        // apart.
        if (next < *last_ + interval_ / 2) {
            next += interval_;
        }
        const auto missed = (next - *last_ - interval_ / 2) / interval_;
        late_ += missed > 0 ? static_cast<std::uint64_t>(missed) : 0;
    }
    last_ = next;
    return next;
}

}  // namespace pwlog
