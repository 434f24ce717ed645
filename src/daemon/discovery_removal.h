// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "setup/setup.h"

namespace pwlog {

/// Takes away what Home Assistant was told of the configured devices: `setup --remove`. One line;
/// none where there is no broker.
std::optional<SetupLine> remove_discovery(const Config& config, bool dry_run);

}  // namespace pwlog
