// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"

namespace pwlog {

/// `pwlog outlet list|on|off|cycle|cancel`.
void setup_outlet(CommandLine& line);

}  // namespace pwlog
