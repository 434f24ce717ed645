// SPDX-License-Identifier: MIT
#include "simulator/load.h"

#include <cmath>
#include <numbers>

namespace pwlog::simulator {
namespace {

constexpr double minute_s = 60;
constexpr double burst_s = 45;
constexpr std::uint64_t burst_salt = 0xB0057;

/// 0 at midnight, 1 at noon (UTC).
double daylight(WallTime wall) {
    const auto day = std::chrono::floor<std::chrono::days>(wall);
    const std::chrono::duration<double, std::ratio<86400>> part = wall - day;
    return 0.5 - 0.5 * std::cos(2 * std::numbers::pi * part.count());
}

}  // namespace

double Load::watts(double time_s, WallTime wall) const {
    const double minute = std::floor(time_s / minute_s);
    const bool bursting =
        time_s - minute * minute_s < burst_s &&
        noise(seed_ ^ burst_salt, static_cast<std::int64_t>(minute)) < profile_.burst_chance;
    return profile_.base_w + drift_.at(time_s) + profile_.day_w * daylight(wall) +
           (bursting ? profile_.burst_w : 0);
}

}  // namespace pwlog::simulator
