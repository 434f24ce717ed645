// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"

namespace pwlog {

/// `pwlog discover`: which ports answer as PDU or ATS, as a ready configuration.
void setup_discover(CommandLine& line);

}  // namespace pwlog
