// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "protocol/memory.h"

namespace pwlog::simulator {

/// The words of a device's memory, as they leave the factory.
class MemoryImage {
  public:
    /// Takes each setting's standard value; a word without one is 0.
    MemoryImage(std::span<const MemorySetting> map, int words);

    int word(int address) const { return words_.at(static_cast<std::size_t>(address)); }
    int high_byte(int address) const { return word(address) >> 8; }
    int low_byte(int address) const { return word(address) & 0xFF; }

    void set(int address, int word) { words_.at(static_cast<std::size_t>(address)) = word; }
    void set_high_byte(int address, int byte);

  private:
    std::vector<int> words_;
};

}  // namespace pwlog::simulator
