// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"

namespace pwlog {

/// `pwlog doctor`: the whole chain, from the configuration to the newest document in Elasticsearch.
void setup_doctor(CommandLine& line);

}  // namespace pwlog
