// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace pwlog::test {

inline std::string repeated(int times, const std::string& part) {
    std::string text;
    for (int i = 0; i < times; ++i) {
        text += part;
    }
    return text;
}

/// What ends a program that reads or walks by recursion: brackets that never close, and a value
/// that is whole and deep.
inline std::vector<std::string> hostile_values() {
    constexpr int times = 250'000;
    return {std::string(3'000'000, '['), std::string(300'000, '['),
            repeated(times, "{\"a\":") + "1" + repeated(times, "}"),
            std::string(times, '[') + std::string(times, ']')};
}

}  // namespace pwlog::test
