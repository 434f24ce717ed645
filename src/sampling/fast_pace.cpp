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
    note(tick);
    return std::max(next, now) + longest_ < tick ? next : tick;
}

/// A document without a reading before it: the longest one, as that of a process that was
/// suspended, may be longer than there ever is room for.
void FastPace::note(SteadyTime tick) {
    if (tick == tick_) {
        return;
    }
    if (!has_read_) {
        longest_ = std::max(shortest_.value_or(std::chrono::nanoseconds(0)), longest_ * 7 / 8);
    }
    tick_ = tick;
    has_read_ = false;
}

void FastPace::done(SteadyTime started, bool succeeded) {
    last_started_ = started;
    has_read_ = true;
    if (succeeded) {
        // Decays, so that one reading with retries does not keep the others away for ever.
        const auto took = clock_.steady_now() - started;
        longest_ = std::max(took, longest_ * 7 / 8);
        shortest_ = std::min(shortest_.value_or(took), took);
    }
}

}  // namespace pwlog
