// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace pwlog {

/// What is wrong with a configured port's name, whether or not it works today.
struct PortProblem {
    enum class Kind {
        passing,  ///< the kernel may give it to another device at the next start
        twin,     ///< two adapters that are plugged in share it
        shared,   ///< an earlier device's port is the same one under another name
    };
    Kind kind;
    std::string device;  ///< its id
    std::string message;
    std::string next;
};

/// Looks at names and udev's links only, and opens nothing.
std::vector<PortProblem> check_port_names(const Config& config);

}  // namespace pwlog
