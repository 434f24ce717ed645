// SPDX-License-Identifier: MIT
#include "sampling/fast_pace.h"

#include <algorithm>

namespace pwlog {

FastPace::FastPace(std::optional<std::chrono::milliseconds> interval, const Clock& clock)
    : interval_(interval), clock_(clock) {
    if (interval_ && interval_->count() > 0) {
        grid_.emplace(*interval_, clock);
    }
}

SteadyTime FastPace::next(SteadyTime tick, bool hurried) {
    if (!interval_ && !hurried) {
        return tick;
    }
    const auto now = clock_.steady_now();
    SteadyTime next = now;
    if (!hurried && grid_) {
        if (!due_ || *due_ <= last_started_) {
            due_ = grid_->next();
        }
        next = *due_;
    }
    return std::max(next, now) + longest_ < tick ? next : tick;
}

void FastPace::done(SteadyTime started, bool succeeded) {
    last_started_ = started;
    if (succeeded) {
        // Decays, so that one reading with retries does not keep the others away for ever.
        longest_ = std::max(clock_.steady_now() - started, longest_ * 7 / 8);
    }
}

}  // namespace pwlog
