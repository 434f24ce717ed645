#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/alarm_book.h"
#include "events/meter_check.h"
#include "protocol/reading.h"

namespace pwlog {

/// Tells from one reading of a PDU to the next what happened. Pure: no clock, no spool.
class PduWatch {
  public:
    PduWatch(DeviceTag device, std::array<std::string, pdu::outlet_count> outlet_names);

    /// The events since the reading before. `longest_gap`: after a longer time without a reading,
    /// what changed meanwhile was not observed.
    std::vector<Event> update(const pdu::Status& status, Timestamp now,
                              std::chrono::milliseconds longest_gap);

    /// What only a full reading tells: cleared counters, meters that contradict themselves.
    std::vector<Event> update_meters(const PduReading& reading, Timestamp now);

    std::string save() const;
    void restore(std::string_view text);

  private:
    void watch_alarms(const pdu::Status& status, Timestamp now, bool observed,
                      std::vector<Event>& events);
    void watch_outlet(std::size_t index, const pdu::Status& status, Timestamp now, bool observed,
                      std::vector<Event>& events);
    void watch_counters(const pdu::Energy& energy, std::vector<Event>& events);

    DeviceTag device_;
    std::array<std::string, pdu::outlet_count> outlet_names_;
    AlarmBook alarms_;
    MeterCheck meters_;
    std::optional<Timestamp> last_;
    std::optional<std::string> last_outlets_;      // the eight digits
    std::optional<std::vector<double>> last_kwh_;  // the nine counters
};

}  // namespace pwlog
