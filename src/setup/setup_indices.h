// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "elastic/http.h"
#include "setup/setup.h"

namespace pwlog {

/// Indices that an older version of our templates made get the fields that came since, so that
/// shipping into a month that has begun need not wait for the next. One line for each that is
/// behind; none for the others.
std::vector<SetupLine> update_indices(HttpClient& client, const ServerUrl& server,
                                      const std::stop_token& stop);

/// Makes these indices, empty, where they do not exist; in a dry run says which those are.
std::vector<SetupLine> create_indices(HttpClient& client, const ServerUrl& server,
                                      const std::vector<std::string>& indices, bool dry_run,
                                      const std::stop_token& stop = {});

}  // namespace pwlog
