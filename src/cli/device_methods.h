// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/value_rows.h"
#include "control/device_access.h"

namespace pwlog {

/// What a method brought.
struct MethodResult {
    ValueRows rows;
    std::vector<std::string> payloads;  ///< as the device said them
};

/// A method that only asks, by one of the Python library's names.
Result<MethodResult> ask_method(DeviceAccess& line, std::string_view method,
                                const std::vector<std::string>& arguments);

/// A method that changes something.
enum class SetMethod { clear_energy, test, shutdown, shutdown_restore, shutdown_cancel };
std::optional<SetMethod> set_method(DeviceKind kind, std::string_view name);
/// Its order to the Switcher, from the library's arguments: outlet, minutes, minutes.
Result<SwitchOrder> shutdown_order(SetMethod method, const std::vector<std::string>& arguments);
/// `S,…` or `CS,…` as typed, as an order.
Result<SwitchOrder> typed_order(std::string_view command);
/// Whether a typed command means to switch, in whatever spelling.
bool looks_like_switching(std::string_view command);

/// A line for each method: its names, what it takes, what it sends.
std::string method_help(DeviceKind kind);
std::vector<std::string_view> method_names(DeviceKind kind);
bool is_method(DeviceKind kind, std::string_view name);
/// "there is no method …: did you mean …".
Error unknown_method(DeviceKind kind, std::string_view name);

/// The memory's words from `addresses`, or all of them.
Result<std::vector<MemoryValue>> read_memory(DeviceAccess& line, const std::vector<int>& addresses,
                                             std::vector<std::string>* payloads = nullptr);

}  // namespace pwlog
