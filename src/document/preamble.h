// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include "base/json_object.h"
#include "document/document.h"

namespace pwlog {

namespace dataset {
inline constexpr std::string_view ups = "powerwalker.ups";
}  // namespace dataset

inline constexpr std::string_view powerwalker = "PowerWalker";

/// What every document begins with (the ECS fields), leaving the object open. `kind`: `metric` or
/// `event`.
void write_preamble(JsonObject& json, const Origin& origin, const DeviceTag& device,
                    std::string_view dataset, std::string_view kind, Timestamp time,
                    std::string_view manufacturer = powerwalker);

/// The `event` object is open in the preamble for fields of its own; this closes it.
/// `duration`: how long reading took, ns.
void close_event(JsonObject& json, std::optional<std::chrono::nanoseconds> duration);

/// `rack1-pdu/powerwalker.outlet/3/1795366645123`: dimensions and time, nothing else.
std::string metric_id(std::string_view device, std::string_view dataset, int outlet,
                      Timestamp time);

}  // namespace pwlog
