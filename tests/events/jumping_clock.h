// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <functional>

#include "base/clock.h"

namespace pwlog::test {

/// Time that passes only where somebody waits for it, and then at once: a day takes seconds. One
/// thread at a time.
class JumpingClock final : public Clock {
  public:
    explicit JumpingClock(WallTime start) : wall_start_(start) {}

    WallTime wall_now() const override {
        return wall_start_ + std::chrono::duration_cast<WallTime::duration>(steady_ - steady_start);
    }
    SteadyTime steady_now() const override { return steady_; }
    bool wait_until(SteadyTime when, const std::stop_token& stop) const override {
        jump(when);
        return !stop.stop_requested();
    }
    bool synchronised() const override { return true; }
    std::chrono::nanoseconds uptime() const override { return steady_.time_since_epoch(); }

    /// Never back. At `end_at` and behind it `at_end` is called.
    void jump(SteadyTime when) const {
        steady_ = std::max(steady_, when);
        if (at_end && steady_ >= end_at) {
            at_end();
        }
    }
    SteadyTime at(WallTime wall) const {
        return steady_start + std::chrono::duration_cast<SteadyTime::duration>(wall - wall_start_);
    }

    SteadyTime end_at{};
    std::function<void()> at_end;

  private:
    static constexpr SteadyTime steady_start{std::chrono::hours(1)};
    WallTime wall_start_;
    mutable SteadyTime steady_ = steady_start;
};

}  // namespace pwlog::test
