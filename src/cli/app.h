// SPDX-License-Identifier: MIT
#pragma once

namespace pwlog {

/// Runs the program as the shell called it; returns its exit status.
int run_app(int argc, char** argv);

}  // namespace pwlog
