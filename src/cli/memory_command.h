// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"

namespace pwlog {

/// `pwlog memory show|diff`: what is set in a device.
void setup_memory(CommandLine& line);

}  // namespace pwlog
