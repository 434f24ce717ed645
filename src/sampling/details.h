// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include "sampling/sampled_device.h"

namespace pwlog {

/// What seldom changes of a device, to be asked for between two cycles: all of it after a reconnect
/// and once a day, the first ones more often. One thread.
class Details {
  public:
    explicit Details(SampledDevice& device) : device_(device) {}

    /// Whether there is one to be read. The device's line is open.
    bool is_due(SteadyTime now);
    /// Reads it; one that cannot be read has its turn again with the others.
    void read_next(const std::stop_token& stop);

  private:
    void begin(std::size_t end, SteadyTime now);

    SampledDevice& device_;
    std::size_t next_ = 0;
    std::size_t end_ = 0;  // of those that are read now
    SteadyTime read_at_{};
    SteadyTime frequent_read_at_{};
    std::uint64_t opens_seen_ = 0;
};

}  // namespace pwlog
