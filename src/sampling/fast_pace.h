// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "sampling/grid.h"

namespace pwlog {

/// When a device is read between two documents: on a grid of its own, or as fast as the line
/// allows, and always so that it is over before the next document is due. One thread.
class FastPace {
  public:
    /// No interval: no such readings but in a hurry; 0: as fast as the line allows.
    FastPace(std::optional<std::chrono::milliseconds> interval, const Clock& clock);

    /// When the next one is due; `tick` itself where there is none before it. `hurried`: without
    /// any pause for now.
    SteadyTime next(SteadyTime tick, bool hurried);

    /// One that began at `started` is over; `succeeded`: it tells how long they take.
    void done(SteadyTime started, bool succeeded);

  private:
    void note(SteadyTime tick);

    std::optional<std::chrono::milliseconds> interval_;
    const Clock& clock_;
    std::optional<Grid> grid_;
    std::optional<SteadyTime> due_;
    SteadyTime last_started_{};
    std::chrono::nanoseconds longest_{};                // lately
    std::optional<std::chrono::nanoseconds> shortest_;  // ever: without room for it there is none
    SteadyTime tick_{};                                 // of the next document
    bool has_read_ = false;                             // since the one before
};

}  // namespace pwlog
