// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pwlog {

/// One setting in a device's memory map. A word of the PDU can hold two settings, one a byte.
struct MemorySetting {
    enum class Part { word, high_byte, low_byte };

    int address;
    Part part;
    std::string_view name;
    std::string_view unit;  ///< empty for a bit field
    double scale;           ///< raw value x scale = value in `unit`
    std::optional<double> least;
    std::optional<double> greatest;
    std::optional<double> standard;  ///< the value it leaves the factory with
    std::optional<int> disabled;     ///< raw value that switches the function off

    /// Whether a device can have it; one that switches the function off is another matter.
    bool allows(double value) const;
};

/// A setting as read.
struct MemoryValue {
    const MemorySetting* setting;
    int raw;
    double value() const { return raw * setting->scale; }
    bool is_disabled() const { return setting->disabled == raw; }
    bool in_range() const;
    bool operator==(const MemoryValue&) const = default;
};

namespace pdu {
inline constexpr int memory_words = 15;
std::span<const MemorySetting> memory_map();
/// `QGM00` … `QGM09`, `QGM0:` … `QGM0>`; `address` is 0 to 14.
std::string memory_query(int address);
/// The one or two settings of the word at `address`.
Result<std::vector<MemoryValue>> decode_memory(int address, std::string_view payload);
}  // namespace pdu

namespace ats {
inline constexpr int memory_words = 21;
std::span<const MemorySetting> memory_map();
/// `GM0000` … `GM0020`; `address` is 0 to 20.
std::string memory_query(int address);
Result<std::vector<MemoryValue>> decode_memory(int address, std::string_view payload);
}  // namespace ats

}  // namespace pwlog
