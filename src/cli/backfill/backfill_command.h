// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"

namespace pwlog {

/// `pwlog backfill`: history into Elasticsearch, once.
void setup_backfill(CommandLine& line);

}  // namespace pwlog
