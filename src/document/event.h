// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "document/document.h"

namespace pwlog {

/// One field below `powerwalker.event.`: its mapped name and its value.
struct EventDetail {
    std::string_view name;
    std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>> value;
};

/// Which outlet an event is about.
struct OutletTag {
    int number;
    std::string name;
};

/// Something that happened, for `powerwalker-events-*`.
struct Event {
    DeviceTag device{};
    std::string kind = "event";  ///< `event`, or `alert` for alarms
    std::string action{};        ///< `device_unreachable`, `transfer` …: event.action
    std::string message{};       ///< in plain words, with the names of device and outlet
    std::string outcome{};       ///< success, failure, unknown; empty: not said
    std::string reason{};        ///< what the device or the system said, quoted; empty: none
    std::string code{};          ///< the front panel's: A01, F09, S03; empty: none
    /// ECS event.category and event.type; only pairs that ECS foresees.
    std::string category = "host";
    std::string type = "info";
    /// Where both are there and in order, the document has event.duration.
    std::optional<Timestamp> start{};
    std::optional<Timestamp> end{};
    /// Ties begin and end of one matter together; empty for what stands alone.
    std::string pair_id{};
    std::optional<OutletTag> outlet{};
    std::vector<EventDetail> details{};
    /// What tells it from others of the same device, action and millisecond: an alarm's or a
    /// setting's name.
    std::string subject{};
};

/// `rack1-pdu/alarm_started/low_input_voltage/1795366645123`: follows from what it is about and its
/// millisecond, so that an event, too, exists once.
std::string event_id(const Event& event, Timestamp time);

Document event_document(const Origin& origin, const Event& event, Timestamp time);

}  // namespace pwlog
