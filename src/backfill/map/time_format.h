// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "backfill/map/time_zone.h"
#include "base/clock.h"
#include "base/result.h"

namespace pwlog {

/// How times are written. Recognised are
/// - RFC 3339 (`2026-11-22T17:04:05Z`, with `T` or a blank, any offset, also behind a blank),
/// - the same without an offset, `22.11.2026 17:04:05`, `20261122170405`, `20261122`: local,
/// - Kibana's `Nov 22, 2026 @ 17:04:05.123`: local,
/// - seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size.
/// `11/02/2026` is November in one country and February in the next: it is refused, and so is
/// anything else that has to be given, in strptime's letters: %Y %m %d %H %M %S %f (fraction) %y %b
/// %I %p %z %s %%; or as `excel`, days since 1899-12-30.
class TimeFormat {
  public:
    /// `pattern` empty: recognised. `zone` is for local times.
    static Result<TimeFormat> make(std::string pattern, TimeZone zone);
    TimeFormat() = default;

    /// The error (invalid) says what is wrong with the text, and which option decides.
    Result<Timestamp> parse(std::string_view text) const;

  private:
    std::string pattern_;
    std::string format_;  // the same as absl has it
    TimeZone zone_;
};

}  // namespace pwlog
