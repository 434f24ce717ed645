// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>

namespace pwlog {

/// As ppoll() and their like want it, whose fields have 32 bits on some machines. Below 0: 0.
inline timespec to_timespec(std::chrono::nanoseconds time) {
    time = std::max(time, std::chrono::nanoseconds(0));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    timespec result{};
    result.tv_sec = static_cast<decltype(result.tv_sec)>(seconds.count());
    result.tv_nsec = static_cast<decltype(result.tv_nsec)>((time - seconds).count());
    return result;
}

}  // namespace pwlog
