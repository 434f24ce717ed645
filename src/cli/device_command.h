// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"

namespace pwlog {

/// `pwlog pdu METHOD` and `pwlog ats METHOD`: every method of the Python library by its names.
void setup_device_methods(CommandLine& line);

}  // namespace pwlog
