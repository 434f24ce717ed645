// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>

namespace pwlog {

/// How long to wait for an answer's first byte: as configured at first, then as long as this device
/// has been seen to need, with plenty to spare. A lost answer then costs a fraction of the
/// configured time, and the cycle still ends before the next one is due. Too little patience does
/// no harm: the answer comes late, is drained, and the question asked again.
class Patience {
  public:
    /// `least`: allowed for however quick the device is.
    explicit Patience(std::chrono::milliseconds least) : least_(least) {}

    /// An answer began so long after the end of its request.
    void learn(std::chrono::nanoseconds delay) {
        longest_ = std::max<std::chrono::nanoseconds>(delay, longest_ - longest_ / forget);
        answers_ = std::min(answers_ + 1, int{answers_to_trust});
    }

    std::chrono::nanoseconds for_first_byte(std::chrono::milliseconds configured) const {
        if (answers_ < answers_to_trust) {
            return configured;
        }
        return std::min<std::chrono::nanoseconds>(configured, least_ + 4 * longest_);
    }

  private:
    static constexpr int answers_to_trust = 10;
    static constexpr int forget =
        128;  // what it needed once is forgotten over some hundred answers

    std::chrono::milliseconds least_;
    std::chrono::nanoseconds longest_{0};
    int answers_ = 0;
};

}  // namespace pwlog
