// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace pwlog {

/// How fast a device's bytes come, learned from its answers. At 2400 baud an answer of 80 bytes
/// would wake a reader 80 times; knowing the pace, it sleeps through the middle of the answer and
/// listens at its end. A device that has once been faster is never slept through.
class Pace {
  public:
    /// An answer of so many bytes took so long from its first byte to its last.
    void learn(std::size_t bytes, std::chrono::nanoseconds took) {
        if (bytes < fewest_bytes) {
            return;
        }
        const auto each = took / static_cast<std::chrono::nanoseconds::rep>(bytes - 1);
        fastest_ = answers_ == 0 ? each : std::min(fastest_, each);
        answers_ = std::min(answers_ + 1, int{answers_to_trust});
    }

    /// For so long nothing can be complete while so many bytes are still to come.
    std::chrono::nanoseconds certain_wait(std::size_t bytes_to_come) const {
        if (answers_ < answers_to_trust || bytes_to_come <= margin_bytes) {
            return std::chrono::nanoseconds(0);
        }
        return fastest_ * static_cast<std::chrono::nanoseconds::rep>(bytes_to_come - margin_bytes);
    }

  private:
    static constexpr int answers_to_trust = 8;
    static constexpr std::size_t fewest_bytes = 20;  // a short one says little
    static constexpr std::size_t margin_bytes = 3;

    std::chrono::nanoseconds fastest_{0};
    int answers_ = 0;
};

}  // namespace pwlog
