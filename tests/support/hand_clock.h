// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "base/clock.h"

namespace pwlog::test {

/// A clock that a test winds by hand: time stands still until wind(). It starts at a
/// fixed point, 2026-11-14 12:00:00 UTC, unless told another. Thread-safe.
class HandClock final : public Clock {
  public:
    HandClock() = default;
    HandClock(WallTime wall, SteadyTime steady) : steady_(steady), wall_(wall) {}

    WallTime wall_now() const override {
        const std::lock_guard lock(mutex_);
        return wall_;
    }
    SteadyTime steady_now() const override {
        const std::lock_guard lock(mutex_);
        return steady_;
    }
    bool wait_until(SteadyTime when, const std::stop_token& stop) const override {
        std::unique_lock lock(mutex_);
        return wound_.wait(lock, stop, [&] { return steady_ >= when; }) && !stop.stop_requested();
    }
    bool synchronised() const override { return synchronised_.load(); }
    std::chrono::nanoseconds uptime() const override { return steady_now().time_since_epoch(); }

    /// What the kernel says from now on.
    void set_synchronised(bool synchronised) { synchronised_ = synchronised; }
    /// The wall clock is set: forward or back by so much.
    void set_by(std::chrono::nanoseconds step) {
        const std::lock_guard lock(mutex_);
        wall_ += std::chrono::duration_cast<WallTime::duration>(step);
    }

    void set(WallTime wall) {
        const std::lock_guard lock(mutex_);
        wall_ = wall;
    }

    /// Lets time pass, on both sides.
    void wind(std::chrono::nanoseconds passed) {
        {
            const std::lock_guard lock(mutex_);
            steady_ += passed;
            wall_ += std::chrono::duration_cast<WallTime::duration>(passed);
        }
        wound_.notify_all();
    }

  private:
    std::atomic<bool> synchronised_ = true;
    mutable std::mutex mutex_;
    mutable std::condition_variable_any wound_;
    SteadyTime steady_{std::chrono::hours(1)};
    WallTime wall_ =
        std::chrono::sys_days(std::chrono::year(2026) / 11 / 14) + std::chrono::hours(12);
};

}  // namespace pwlog::test
