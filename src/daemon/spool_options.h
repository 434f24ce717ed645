// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "spool/spool.h"
#include "terminal/exit_code.h"

namespace pwlog {

/// The [spool] section as the spool wants it.
SpoolOptions spool_options(const SpoolConfig& config);

/// What an error of the spool means to the shell.
ExitCode spool_exit_code(const Error& error);

}  // namespace pwlog
