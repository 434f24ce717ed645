// SPDX-License-Identifier: MIT
#pragma once

#include "base/clock.h"

namespace pwlog::simulator {

/// A point on a model's own time: the steady part drives countdowns and counters, the wall part
/// only says whether it is day or night.
struct Moment {
    SteadyTime steady;
    WallTime wall;
};

/// Model time runs `factor` times as fast as the clock it is made on.
class ModelClock {
  public:
    ModelClock(const Clock& clock, double factor)
        : clock_(clock), factor_(factor), start_{clock.steady_now(), clock.wall_now()} {}

    Moment now() const {
        using std::chrono::nanoseconds;
        const std::chrono::duration<double, std::nano> passed = clock_.steady_now() - start_.steady;
        const auto model = std::chrono::duration_cast<nanoseconds>(passed * factor_);
        return {start_.steady + model,
                start_.wall + std::chrono::duration_cast<WallTime::duration>(model)};
    }

  private:
    const Clock& clock_;
    double factor_;
    Moment start_;
};

}  // namespace pwlog::simulator
