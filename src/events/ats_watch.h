// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/metric_documents.h"
#include "events/alarm_book.h"
#include "protocol/reading.h"

namespace pwlog {

/// What is looked at of one reading.
struct AtsSight {
    /// In history `bits` has '?' for what was never said.
    ats::Status status;
    std::optional<Degrees> angle{};
    /// None where not enough is known to tell.
    std::optional<std::vector<std::string>> obstacles{};
};

/// Tells from one reading of an ATS to the next what happened. Pure: no clock, no spool.
class AtsWatch {
  public:
    explicit AtsWatch(DeviceTag device) : device_(std::move(device)) {}

    /// The events since the reading before. `observed`: the device was watched between the two;
    /// without, it is not known when what changed meanwhile did.
    std::vector<Event> update(const AtsReading& reading, const AtsContext& context, Timestamp now,
                              bool observed);
    std::vector<Event> update(const AtsSight& sight, const AtsContext& context, Timestamp now,
                              bool observed);

    /// The 24 status characters last seen; empty at first.
    const std::string& last_bits() const { return last_bits_; }

    std::string save() const;
    /// And what is otherwise only known from one reading to the next, so that even an interruption
    /// between the two changes nothing.
    std::string save_all() const;
    void restore(std::string_view text);

  private:
    void watch(const Alarm& alarm, bool active, Timestamp now, bool observed,
               std::vector<Event>& events);
    void watch_source(const ats::Status& status, Timestamp now, bool observed,
                      std::vector<Event>& events);
    void watch_preference(const ats::Status& status, bool observed, std::vector<Event>& events);
    void watch_redundancy(const AtsSight& sight, const AtsContext& context, Timestamp now,
                          bool observed, std::vector<Event>& events);
    Event transfer(const ats::Status& status, Timestamp now, bool observed) const;

    StateText state() const;

    DeviceTag device_;
    AlarmBook alarms_;
    std::string last_bits_;
    int last_source_ = 0;  ///< the last that carried the output; 0 = none seen yet
    int last_preferred_ = 0;
    std::optional<int> last_angle_;
    std::optional<ats::Status> last_status_;
    std::optional<bool> was_redundant_;
    std::optional<Timestamp> away_since_;  ///< from the preferred source, where that was seen
};

}  // namespace pwlog
