#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace pwlog {

/// Local time to UTC. UTC itself by default.
class TimeZone {
  public:
    TimeZone() = default;
    /// `Europe/Berlin` (from the system's zone files), `+01:00`, `UTC`, or `local` for this
    /// machine's.
    static Result<TimeZone> open(const std::string& name);

    /// The instant at which clocks show `local`. Where they show it twice, in the hour that is
    /// repeated in autumn, the first; where never, in spring, as if the change had not been yet.
    Timestamp to_utc(std::chrono::local_time<std::chrono::milliseconds> local) const;

  private:
    struct Change {
        std::int64_t at;      // seconds since 1970, UTC
        std::int32_t offset;  // from then on, seconds east
    };
    static Result<TimeZone> read_file(const std::string& path);

    std::int32_t first_offset_ = 0;
    std::vector<Change> changes_;
};

}  // namespace pwlog
