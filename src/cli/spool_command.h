// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"

namespace pwlog {

/// `pwlog spool info|export|rejects|retry`: through the daemon's socket while one runs, since the
/// spool has one owner; else on the spool itself.
void setup_spool(CommandLine& line);

}  // namespace pwlog
