// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "backfill/index/index_query.h"
#include "cli/command_line.h"
#include "config/config.h"

namespace pwlog {

/// How to get into the server of another index. Secrets are in files: a command line can be read
/// by others.
struct IndexAccess {
    std::string api_key_file;
    std::string token_file;
    std::string user;
    std::string password_file;
    std::string ca_file;
    std::size_t slices = usual_slices;  ///< read side by side
};

void add_index_options(CLI::App& command, IndexAccess& access);

/// Another index by its address. Where nothing is said, a server that is configured gets what is
/// configured for it, and any other one nothing at all.
Result<IndexQuery> index_query(const IndexAccess& access, const Config& config,
                               const std::string& source);

}  // namespace pwlog
