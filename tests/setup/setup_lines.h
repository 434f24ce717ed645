// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "setup/setup.h"

namespace pwlog::test {

inline std::size_t count(const std::vector<SetupLine>& lines, SetupOutcome outcome) {
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(),
                      [=](const SetupLine& line) { return line.outcome == outcome; }));
}

inline const SetupLine& line_of(const std::vector<SetupLine>& lines, const std::string& object) {
    const auto found = std::find_if(lines.begin(), lines.end(),
                                    [&](const SetupLine& line) { return line.object == object; });
    REQUIRE(found != lines.end());
    return *found;
}

}  // namespace pwlog::test
