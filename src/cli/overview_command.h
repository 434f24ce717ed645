// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"

namespace pwlog {

/// `pwlog info` and `pwlog power`: one method of all configured devices.
void setup_overviews(CommandLine& line);

/// `pwlog status --devices`: the status of all of them, as the devices say it now.
int show_device_status(const CommonOptions& common, bool json);

}  // namespace pwlog
