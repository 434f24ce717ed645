// SPDX-License-Identifier: MIT
#pragma once

#include "base/result.h"
#include "config/config.h"
#include "elastic/bulk_sender.h"
#include "spool/spool.h"
#include "terminal/exit_code.h"

namespace pwlog {

/// How to talk to the configured Elasticsearch; reads the secret's file. Errors: those of
/// read_secret_file().
Result<HttpOptions> http_options(const ElasticConfig& config);

/// The same with the hosts and the size of a request.
Result<SenderOptions> sender_options(const ElasticConfig& config);

/// The [spool] section as the spool wants it.
SpoolOptions spool_options(const SpoolConfig& config);

/// What an error of the spool means to the shell.
ExitCode spool_exit_code(const Error& error);

}  // namespace pwlog
