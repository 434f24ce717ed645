// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "cli/setup/setup_login.h"
#include "setup/setup.h"

namespace pwlog {

/// What became of each object, and what to do where one failed: then false.
bool print_setup_lines(const std::vector<SetupLine>& lines, bool dry_run, const SetupLogin& login);

/// Why nothing came of it, and what to do; the exit status.
int setup_refused(const Error& error, const SetupLogin& login);

}  // namespace pwlog
