// SPDX-License-Identifier: MIT
#include "daemon/spool_options.h"

namespace pwlog {

SpoolOptions spool_options(const SpoolConfig& config) {
    SpoolOptions options;
    options.directory = config.path;
    options.max_bytes = config.max_size;
    options.keep = config.keep;
    options.flush_interval = config.flush_interval;
    options.sync_each_sample = config.sync == SpoolSync::sample;
    return options;
}

ExitCode spool_exit_code(const Error& error) {
    return error.kind == ErrorKind::busy ? ExitCode::busy : ExitCode::spool;
}

}  // namespace pwlog
