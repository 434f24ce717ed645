#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace pwlog {

/// How often a device may be switched: so many times within any minute. One thread.
class SwitchLimit {
  public:
    explicit SwitchLimit(int per_minute) : per_minute_(per_minute) {}

    /// Counts one more, or says no.
    bool take(Timestamp now);
    int per_minute() const { return per_minute_; }

    /// What the next process needs to go on counting: the times, in milliseconds.
    std::string save() const;
    void restore(std::string_view saved);

  private:
    int per_minute_;
    std::deque<Timestamp> taken_;  // of the last minute
};

}  // namespace pwlog
