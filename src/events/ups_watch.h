// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "events/alarm_book.h"

namespace pwlog {

/// What of a UPS is wrong for a while: pairs of events, as a PDU's alarms. Pure: no clock, no
/// spool.
class UpsWatch {
  public:
    /// A status that does not say changes nothing. `complaint`: the UPS's own words, if any.
    std::vector<Event> update(const DeviceTag& device, std::string_view status,
                              const std::string& complaint, Timestamp now, bool observed);
    /// The NUT server answers, but has no fresh data of the UPS.
    std::vector<Event> lost(const DeviceTag& device, const std::string& reason, Timestamp now);

    std::string save() const;
    void restore(std::string_view text);

  private:
    AlarmBook alarms_;
    bool was_told_ = false;  // anything by the server, in this process
};

}  // namespace pwlog
