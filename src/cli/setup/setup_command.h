// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"

namespace pwlog {

/// `pwlog setup`: what Elasticsearch must know before documents come.
void setup_setup(CommandLine& line);

}  // namespace pwlog
