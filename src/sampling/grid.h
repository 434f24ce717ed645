// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace pwlog {

/// When cycles start: on whole multiples of the interval of the wall clock (10:00:00, 10:00:10 …),
/// waited for on the monotonic clock. Each tick is aligned anew, so neither a slewed clock nor a
/// step moves the grid for longer than one interval. Where a cycle with its repeats reached past
/// the next tick by up to a quarter of the interval, that tick's cycle starts late; a tick missed
/// by more is skipped and counted, never made up for.
class Grid {
  public:
    Grid(std::chrono::milliseconds interval, const Clock& clock);

    /// The next tick to serve, on the monotonic clock: after now, or just gone by. Each call makes
    /// it the current one.
    SteadyTime next();

    /// The current tick has not been served, as a sample that was asked for came before it: next()
    /// offers it again, or counts it where it has gone by meanwhile.
    void give_back() { *last_ -= interval_; }

    /// The current tick's reading is of `moment`: where that is behind later ticks, it stands for
    /// the last of them, and those before it were missed.
    void read_at(SteadyTime moment);

    /// Ticks passed over since the start because the cycle before was still running.
    std::uint64_t late() const { return late_; }

  private:
    bool is_unserved(SteadyTime tick) const;

    std::chrono::milliseconds interval_;
    const Clock& clock_;
    std::optional<SteadyTime> last_;
    std::uint64_t late_ = 0;
};

}  // namespace pwlog
