#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/alarm_book.h"
#include "protocol/reading.h"

namespace pwlog {

/// Tells from one reading of an ATS to the next what happened. Pure: no clock, no spool.
class AtsWatch {
  public:
    explicit AtsWatch(DeviceTag device) : device_(std::move(device)) {}

    /// The events since the reading before. `redundant`: whether the other source could take over
    /// now. `longest_gap`: after a longer time without a reading, what changed meanwhile was not
    /// observed.
    std::vector<Event> update(const AtsReading& reading, bool redundant, Timestamp now,
                              std::chrono::milliseconds longest_gap);

    std::string save() const;
    void restore(std::string_view text);

  private:
    void watch_bits(const ats::Status& status, bool redundant, Timestamp now, bool observed,
                    std::vector<Event>& events);
    void watch_source(const AtsReading& reading, Timestamp now, bool observed,
                      std::vector<Event>& events);
    void watch_preference(const ats::Status& status, bool observed, std::vector<Event>& events);

    DeviceTag device_;
    AlarmBook alarms_;
    std::optional<Timestamp> last_;
    int last_source_ = 0;  ///< the last that carried the output; 0 = none seen yet
    int last_preferred_ = 0;
    std::optional<int> last_angle_;
    std::optional<ats::Status> last_status_;
    std::optional<Timestamp> away_since_;  ///< from the preferred source
};

}  // namespace pwlog
