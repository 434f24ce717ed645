// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"

namespace pwlog {

/// `pwlog status`: what a running daemon is doing.
void setup_status(CommandLine& line);

}  // namespace pwlog
