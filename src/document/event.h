#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/document.h"

namespace pwlog {

/// Something that happened, for `powerwalker-events-*`.
struct Event {
    DeviceTag device;
    std::string action;   ///< `device_unreachable`, `clock_stepped_back` …: event.action
    std::string message;  ///< in plain words
    std::string outcome;  ///< success, failure, unknown; empty: not said
    std::string reason;   ///< what the system said, quoted; empty: none
    std::optional<Timestamp> start;
    std::optional<Timestamp> end;
    /// Ties the begin and the end of one matter together; empty for what stands alone.
    std::string pair_id;
};

/// Its `_id` follows from device, action and millisecond, so that an event, too, exists once.
Document event_document(const Origin& origin, const Event& event, Timestamp time);

}  // namespace pwlog
