// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <thread>

namespace pwlog::test {

/// Waits until the condition holds, which is looked at often; false where it does not within the
/// deadline. For what happens on another thread or in another process and can't be waited on.
template <class Condition>
bool eventually(const Condition& condition,
                std::chrono::seconds deadline = std::chrono::seconds(20)) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

}  // namespace pwlog::test
