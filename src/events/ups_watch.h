// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/alarm_book.h"

namespace pwlog {

/// Whether a UPS's status, in NUT's words (`OB LB DISCHRG`), has this one: `LB`, `RB`, `OVER`,
/// which all go with `OL` or `OB`. None while the status tells neither: `WAIT`, before the driver
/// has asked its UPS.
std::optional<bool> ups_has(std::string_view status, std::string_view word);
/// The same for `OB`, which only `OL` denies.
std::optional<bool> runs_on_battery(std::string_view status);

/// What of a UPS is wrong for a while: pairs of events, as a PDU's alarms. Pure: no clock, no
/// spool.
class UpsWatch {
  public:
    /// A status that does not say changes nothing. `complaint`: the UPS's own words, if any.
    std::vector<Event> update(const DeviceTag& device, std::string_view status,
                              const std::string& complaint, Timestamp now, bool observed);
    /// The NUT server answers, but has no fresh data of the UPS.
    std::vector<Event> lost(const DeviceTag& device, const std::string& reason, Timestamp now,
                            bool observed);

    std::string save() const;
    void restore(std::string_view text);

  private:
    AlarmBook alarms_;
};

}  // namespace pwlog
