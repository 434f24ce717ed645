// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pwlog {

/// How often a device may be switched: so many times within any minute of the machine's uptime,
/// which outlives the process and which nobody sets. One thread.
class SwitchLimit {
  public:
    explicit SwitchLimit(int per_minute) : per_minute_(per_minute) {}

    /// Counts one more, or says no.
    bool take(std::chrono::nanoseconds uptime);
    /// Counts one of then, however many there are.
    void count(std::chrono::nanoseconds uptime);
    int per_minute() const { return per_minute_; }
    void set_per_minute(int per_minute) { per_minute_ = per_minute; }

    /// What the next process needs to go on counting: the uptimes, in milliseconds.
    std::string save() const;
    void restore(std::string_view saved);

  private:
    int per_minute_;
    std::deque<std::chrono::milliseconds> taken_;  // of the last minute
};

/// One that the orders of a device take from together. Thread-safe.
class SharedSwitchLimit {
  public:
    explicit SharedSwitchLimit(int per_minute) : limit_(per_minute) {}

    /// Error `busy` where the device was switched too often.
    Result<void> take(std::chrono::nanoseconds uptime);
    void count(std::chrono::nanoseconds uptime);
    void set_per_minute(int per_minute);
    std::string save() const;
    void restore(std::string_view saved);

  private:
    mutable std::mutex mutex_;  // limit_
    SwitchLimit limit_;
};

}  // namespace pwlog
