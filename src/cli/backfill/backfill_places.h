// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "elastic/http.h"
#include "elastic/server_url.h"

namespace pwlog {

/// The files that a backfill keeps for a source; empty: none.
struct BackfillPlaces {
    std::filesystem::path state_file;
    std::filesystem::path rejects_file;
};

/// Beside the source where its folder may be written to, else in the user's folder for state
/// ($XDG_STATE_HOME/pwlog, ~/.local/state/pwlog), as for another index. Standard input, a FIFO and
/// a device have no state unless a file is named: nobody knows whether the next one is the same.
BackfillPlaces find_places(const std::string& source, const std::string& state_file,
                           const std::string& rejects_file);

/// The cluster's own name for itself, else its address.
std::string cluster_name(HttpClient& client, const ServerUrl& server);

}  // namespace pwlog
