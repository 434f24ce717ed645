// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"

namespace pwlog {

/// `pwlog run`: the daemon.
void setup_run(CommandLine& line);

/// `pwlog once`: one cycle for cron or a timer.
void setup_once(CommandLine& line);

}  // namespace pwlog
