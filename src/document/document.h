// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/document.h"

namespace pwlog {

/// Two families of monthly indices.
enum class Family { metrics, events };

/// `powerwalker-metrics-2026.11`: chosen by the document's own time (UTC), so that a document sent
/// twice meets itself, whenever that is.
std::string index_name(Family family, Timestamp time);

/// `2026-11-22T17:04:05.123Z`
std::string format_time(Timestamp time);

/// Who writes: the same in every document of one process.
struct Origin {
    std::string host_name;
    std::string agent_version;
    std::map<std::string, std::string> labels;
    bool clock_synchronised = true;
};

/// Which device a document is about.
struct DeviceTag {
    std::string id;
    std::string model;   ///< empty where it is not known yet
    std::string name{};  ///< for people, in messages; empty: the id

    const std::string& called() const { return name.empty() ? id : name; }
};

namespace dataset {
inline constexpr std::string_view pdu = "powerwalker.pdu";
inline constexpr std::string_view outlet = "powerwalker.outlet";
inline constexpr std::string_view ats = "powerwalker.ats";
inline constexpr std::string_view logger = "powerwalker.logger";
inline constexpr std::string_view event = "powerwalker.event";
}  // namespace dataset

}  // namespace pwlog
