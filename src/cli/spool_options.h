#pragma once

#include "cli/config.h"
#include "cli/exit_code.h"
#include "spool/spool.h"

namespace pwlog {

/// The [spool] section as the spool wants it.
SpoolOptions spool_options(const SpoolConfig& config);

/// What an error of the spool means to the shell.
ExitCode spool_exit_code(const Error& error);

}  // namespace pwlog
