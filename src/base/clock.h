// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <stop_token>

namespace pwlog {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;
/// A document's time: whole milliseconds, the resolution of its identity.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// The only stand-in that tests pass: everything that tells or waits for time goes through it.
/// Thread-safe.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual WallTime wall_now() const = 0;
    virtual SteadyTime steady_now() const = 0;
    /// Blocks until `when`; returns false at once if a stop is or was requested.
    virtual bool wait_until(SteadyTime when, const std::stop_token& stop) const = 0;
    /// Whether the kernel believes its wall clock (adjtimex); false on a board without NTP yet.
    virtual bool synchronised() const = 0;
    /// Since the machine started. A clock that is not synchronised long after that will not be
    /// soon.
    virtual std::chrono::nanoseconds uptime() const { return std::chrono::hours(24); }
};

/// The machine's own clocks.
class SystemClock final : public Clock {
  public:
    WallTime wall_now() const override;
    SteadyTime steady_now() const override;
    bool wait_until(SteadyTime when, const std::stop_token& stop) const override;
    bool synchronised() const override;
    std::chrono::nanoseconds uptime() const override;
};

/// Cuts to whole milliseconds.
inline Timestamp to_timestamp(WallTime time) {
    return std::chrono::floor<std::chrono::milliseconds>(time);
}

}  // namespace pwlog
