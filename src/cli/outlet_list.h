// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "control/device_access.h"
#include "protocol/pdu.h"

namespace pwlog {

/// The outlets of one PDU as they are now.
struct OutletList {
    pdu::Status status;
    pdu::ActivePower power;
    std::optional<pdu::Countdowns> countdowns{};  ///< only where an outlet counts down
};

Result<OutletList> read_outlet_list(DeviceAccess& line);
std::string outlet_list_json(const OutletList& list, const DeviceFacts& facts);
/// `colour`: with a terminal's colours. `columns`: its width.
std::string outlet_list_table(const OutletList& list, const DeviceFacts& facts, bool colour,
                              std::size_t columns);

/// An outlet by its number or its name, `all` for all of them. The error names those there are.
Result<pdu::OutletChoice> find_outlet(const DeviceFacts& facts, const std::string& text);
/// "outlet 8 (printer)", "all outlets".
std::string outlet_called(const DeviceFacts& facts, pdu::OutletChoice outlet);

}  // namespace pwlog
