// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"

namespace pwlog {

/// `pwlog reload`: has the daemon read its configuration again, and says how that ended.
void setup_reload(CommandLine& line);

}  // namespace pwlog
