// SPDX-License-Identifier: MIT
#pragma once

#include <absl/time/time.h>

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace pwlog {

/// Local time to UTC. UTC itself by default.
class TimeZone {
  public:
    TimeZone() = default;
    /// `Europe/Berlin` (from the system's zone files, also slim ones), `+01:00`, `UTC`, or `local`
    /// for this machine's.
    static Result<TimeZone> open(const std::string& name);

    /// A zone file anywhere.
    static Result<TimeZone> read_file(const std::string& path);

    /// The instant at which clocks show `local`. Where they show it twice, in the hour that is
    /// repeated in autumn, the first; none where they never do, in the hour that spring leaves out.
    std::optional<Timestamp> to_utc(std::chrono::local_time<std::chrono::milliseconds> local) const;

  private:
    explicit TimeZone(absl::TimeZone zone) : zone_(zone) {}

    absl::TimeZone zone_ = absl::UTCTimeZone();
};

}  // namespace pwlog
