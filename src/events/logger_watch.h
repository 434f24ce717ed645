// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "events/alarm_book.h"

namespace pwlog {

/// What happens to the logger itself. Pure: no clock, no spool.
class LoggerWatch {
  public:
    /// `self`: the logger as a device, see logger_device_id().
    explicit LoggerWatch(DeviceTag self) : self_(std::move(self)) {}

    /// Under another name from now on; what was told stays told.
    void rename(DeviceTag self) { self_ = std::move(self); }

    Event started(const std::string& version, const std::string& host, Timestamp now);
    Event stopped(const std::string& host, const std::string& why, Timestamp now);

    /// An event where the kernel began or ceased to believe its clock.
    std::optional<Event> clock_is(bool synchronised, Timestamp now);

    /// `total`: documents the spool has ever given up. The first loss is an event at once, those
    /// that follow make one an hour.
    std::optional<Event> dropped(std::int64_t total, Timestamp now);

    /// `total`: documents that another logger had stored under an id of ours, since the start. The
    /// first are an event at once, those that follow make one an hour.
    std::optional<Event> conflicts(const std::string& devices, std::int64_t total, Timestamp now);

    std::string save() const;
    void restore(std::string_view text);

  private:
    Event event(const char* action, const char* type, std::string message) const;

    DeviceTag self_;
    AlarmBook alarms_;
    std::optional<Timestamp> running_since_;  ///< of a run that has not ended, or was cut off
    std::string run_id_;                      ///< of its beginning
    std::optional<std::int64_t> dropped_;     ///< of these an event has told
    std::optional<Timestamp> told_of_drops_;
    std::int64_t conflicts_ = 0;  ///< of these an event has told
    std::optional<Timestamp> told_of_conflicts_;
    bool is_restored_ = false;
};

}  // namespace pwlog
