// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command_line.h"
#include "simulator/simulation.h"

namespace pwlog {

/// `pwlog simulate`: devices on pseudo-terminals until SIGTERM or SIGINT.
struct SimulateOptions {
    simulator::SimulationOptions simulation;
    std::string think = "5ms";  ///< as typed
    bool unpaced = false;
};

int run_simulate(const SimulateOptions& options);

}  // namespace pwlog
