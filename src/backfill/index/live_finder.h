// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "backfill/history/known_device.h"
#include "backfill/index/known_search.h"

namespace pwlog {

/// Finds when a device was read live, and by whom what lies between was counted.
class LiveFinder {
  public:
    explicit LiveFinder(KnownSearch& search) : search_(search) {}

    Result<LiveSpans> find(const std::string& device, Timestamp from);

  private:
    /// Those between the two times, put behind the spans before. `pause`: without a document for so
    /// long a device was not read, as far as that was found out before.
    Result<void> find_between(const std::string& device, Timestamp from, Timestamp until,
                              Timestamp::duration& pause, std::vector<LiveSpan>& spans);
    Result<void> find_joint(const std::string& device, Timestamp from, LiveSpan& span);

    KnownSearch& search_;
};

}  // namespace pwlog
