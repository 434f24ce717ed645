// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/directive.h"

namespace pwlog::simulator {

/// `at 12.5s DIRECTIVE`
struct ScriptLine {
    std::chrono::nanoseconds at;  ///< since the simulation was ready
    Directive directive;
    std::string text;  ///< the directive as written
    int number = 0;    ///< of the line
};

/// All lines in order of time; empty lines and those that start with # are skipped. An error names
/// `name`, the line and what is wrong with it.
Result<std::vector<ScriptLine>> parse_script(std::string_view text, std::string_view name);
Result<std::vector<ScriptLine>> read_script(const std::string& path);

}  // namespace pwlog::simulator
