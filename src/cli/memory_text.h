// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/memory.h"

namespace pwlog {

/// `0.5..9.9`; empty where nothing bounds it.
std::string range_text(const MemorySetting& setting);
/// The value in its unit, or `disabled`; a bit field as it is.
std::string value_text(const MemorySetting& setting, int raw);

/// All settings with name, unit, range, default and value: what `memory show` prints.
std::string memory_json(const std::string& device, const std::vector<MemoryValue>& values);
std::string memory_table(const std::vector<MemoryValue>& values);

/// What a setting should be, by its name, as a raw number.
using WantedMemory = std::map<std::string, int, std::less<>>;

/// The values a device leaves the factory with; settings without a known one are not in it.
WantedMemory factory_memory(const std::vector<MemoryValue>& values);
/// Out of what `memory show --json` or `memory_get` printed. Error `invalid`.
Result<WantedMemory> saved_memory(std::string_view json);

/// A setting that is not as wanted.
struct MemoryDifference {
    MemoryValue value;
    int wanted;
};
std::vector<MemoryDifference> compare_memory(const std::vector<MemoryValue>& values,
                                             const WantedMemory& wanted);
std::string differences_json(const std::string& device,
                             const std::vector<MemoryDifference>& differences);
std::string differences_table(const std::vector<MemoryDifference>& differences);

}  // namespace pwlog
