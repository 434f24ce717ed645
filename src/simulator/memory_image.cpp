// SPDX-License-Identifier: MIT
#include "simulator/memory_image.h"

#include <cmath>

namespace pwlog::simulator {

MemoryImage::MemoryImage(std::span<const MemorySetting> map, int words)
    : words_(static_cast<std::size_t>(words), 0) {
    for (const auto& setting : map) {
        const int raw = static_cast<int>(std::lround(setting.standard.value_or(0) / setting.scale));
        const bool high = setting.part == MemorySetting::Part::high_byte;
        words_.at(static_cast<std::size_t>(setting.address)) += high ? raw << 8 : raw;
    }
}

void MemoryImage::set_high_byte(int address, int byte) {
    set(address, (byte << 8) | low_byte(address));
}

}  // namespace pwlog::simulator
