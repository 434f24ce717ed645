// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>

#include "control/device_access.h"

namespace pwlog {

/// `--device ID`, `--port PATH` and `--report-number N`.
void add_device_options(CLI::App& command, DeviceChoice& choice);

}  // namespace pwlog
