// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"

namespace pwlog {

/// `pwlog watch`: the live view, from the daemon or, where none runs, from the devices themselves.
void setup_watch(CommandLine& line);

}  // namespace pwlog
