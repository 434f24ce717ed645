// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace pwlog {

/// How fast a device's bytes come, learned from its answers. At 2400 baud an answer of 80 bytes
/// would wake a reader 80 times; knowing the pace, it sleeps until the answer's computed end. What
/// is learned hunts for that end: where the answer was there already it was slept too long, by how
/// much nobody saw, so the next one is slept a little shorter.
class Pace {
  public:
    /// So many bytes came behind those that were read first, in the time `took`. `slept_past_end`:
    /// when the sleeper woke the last of them was there, so that they took less.
    void learn(std::size_t bytes, std::chrono::nanoseconds took, bool slept_past_end) {
        if (bytes < fewest_bytes) {
            return;
        }
        const auto each = took / static_cast<std::chrono::nanoseconds::rep>(bytes);
        if (answers_ == 0) {
            a_byte_ = each;
        } else if (slept_past_end) {
            slept_past_ = std::min(slept_past_ + 1, int{hunt});
            a_byte_ = std::min(each, a_byte_ - a_byte_ * std::max(1, slept_past_ - usual) / hunt);
        } else {
            slept_past_ = 0;
            a_byte_ += std::min(each - a_byte_, a_byte_ / most_up);
        }
        answers_ = std::min(answers_ + 1, int{answers_to_trust});
    }

    /// How long so many bytes should take; zero where that is not known yet.
    std::chrono::nanoseconds expected(std::size_t bytes_to_come) const {
        if (answers_ < answers_to_trust) {
            return std::chrono::nanoseconds(0);
        }
        return a_byte_ * static_cast<std::chrono::nanoseconds::rep>(bytes_to_come);
    }

  private:
    static constexpr int answers_to_trust = 2;
    static constexpr std::size_t fewest_bytes = 16;  // a short one says little
    // Up in one step, though not because of one stall; down slowly: a sleep that is a little too
    // long costs less than being woken twice.
    static constexpr int most_up = 64;  // 5 ms of an answer of 80 bytes
    static constexpr int hunt = 1024;   // 0.3 ms of one
    static constexpr int usual = 8;     // so often in turn; then it has become faster: by ever more

    std::chrono::nanoseconds a_byte_{0};
    int answers_ = 0;
    int slept_past_ = 0;  // in turn
};

}  // namespace pwlog
