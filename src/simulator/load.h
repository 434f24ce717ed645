// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "simulator/chance.h"
#include "simulator/moment.h"

namespace pwlog::simulator {

/// What draws power at an outlet.
struct LoadProfile {
    std::string_view name;
    double base_w;        ///< always
    double drift_w;       ///< wanders by this much
    double day_w;         ///< on top at noon, nothing at midnight
    double burst_w;       ///< now and then, for most of a minute
    double burst_chance;  ///< of each minute
    double power_factor;
};

/// A load's watts over time.
class Load {
  public:
    Load(const LoadProfile& profile, std::uint64_t seed)
        : profile_(profile), seed_(seed), drift_(seed, drift_period_s, 0, profile.drift_w) {}

    /// `time_s`: since the model's start.
    double watts(double time_s, WallTime wall) const;
    double power_factor() const { return profile_.power_factor; }

  private:
    static constexpr double drift_period_s = 40;

    LoadProfile profile_;
    std::uint64_t seed_;
    Wander drift_;
};

}  // namespace pwlog::simulator
