// SPDX-License-Identifier: MIT
#pragma once

#include "base/result.h"
#include "config/config.h"
#include "elastic/bulk_sender.h"

namespace pwlog {

/// How to talk to the configured Elasticsearch; reads the secret's file. Errors: those of
/// read_secret_file().
Result<HttpOptions> http_options(const ElasticConfig& config);

/// The same with the hosts and the size of a request.
Result<SenderOptions> sender_options(const ElasticConfig& config);

}  // namespace pwlog
