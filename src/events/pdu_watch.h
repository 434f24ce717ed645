// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "events/alarm_book.h"
#include "events/counter_watch.h"
#include "events/meter_check.h"
#include "protocol/reading.h"

namespace pwlog {

/// Tells from one reading of a PDU to the next what happened. Pure: no clock, no spool.
class PduWatch {
  public:
    PduWatch(DeviceTag device, std::array<std::string, pdu::outlet_count> outlet_names);

    /// The events since the reading before. `observed`: the device was watched between the two;
    /// without, it is not known when what changed meanwhile did. In history a status has '?' for
    /// what was never said.
    std::vector<Event> update(const pdu::Status& status, Timestamp now, bool observed);

    /// What only a full reading tells: cleared counters, meters that contradict themselves.
    std::vector<Event> update_meters(const PduReading& reading, Timestamp now, bool observed);

    /// The 16 status characters last seen; empty at first.
    const std::string& last_bits() const { return last_bits_; }

    std::string save() const;
    /// And what is otherwise only known from one reading to the next, so that even an interruption
    /// between the two changes nothing.
    std::string save_all() const;
    void restore(std::string_view text);

  private:
    void watch(const Alarm& alarm, bool active, Timestamp now, bool observed,
               std::vector<Event>& events);
    void watch_alarms(const pdu::Status& status, Timestamp now, bool observed,
                      std::vector<Event>& events);
    void watch_outlet(std::size_t index, const pdu::Status& status, Timestamp now, bool observed,
                      std::vector<Event>& events);
    Event outlet_changed(std::size_t index, const pdu::Status& status, bool observed) const;
    Alarm meter_alarm(const MeterCheck::Finding& finding) const;
    OutletTag outlet(std::size_t index) const;

    StateText state() const;

    DeviceTag device_;
    std::array<std::string, pdu::outlet_count> outlet_names_;
    AlarmBook alarms_;
    CounterWatch counters_;
    MeterCheck meters_;
    std::string last_bits_;
};

}  // namespace pwlog
