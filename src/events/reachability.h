// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "events/alarm_book.h"

namespace pwlog {

/// Whether a device can be read: what of its failures is worth an event. Pure: no clock, no spool.
class Reachability {
  public:
    /// `port`: as configured.
    Reachability(DeviceTag device, std::string port);

    /// A reading failed after all its retries. The first failure of a row is an event; a lost line,
    /// or the third in a row, makes the device unreachable.
    std::vector<Event> failed(const Error& error, Timestamp now);
    /// A reading came through. `observed`: the process watched the device before.
    std::vector<Event> succeeded(Timestamp now, bool observed);

    bool is_unreachable() const;
    int failures_in_a_row() const { return failures_; }

    std::string save() const;
    void restore(std::string_view text);

  private:
    Event event(const Error& error) const;

    DeviceTag device_;
    std::string port_;
    AlarmBook alarms_;
    int failures_ = 0;
    bool is_wrong_device_ = false;
};

}  // namespace pwlog
