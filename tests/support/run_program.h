// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace pwlog::test {

/// What a program did: its exit status (128 + number if a signal ended it) and what it wrote.
struct ProgramOutput {
    int status = -1;
    std::string out;
    std::string err;
};

/// Runs `command` (path first) to its end with standard input empty. After the deadline it is
/// killed, which shows as status 137.
ProgramOutput run_program(const std::vector<std::string>& command,
                          std::chrono::seconds deadline = std::chrono::seconds(30));

}  // namespace pwlog::test
