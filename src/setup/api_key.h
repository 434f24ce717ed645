// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "elastic/http.h"
#include "elastic/server.h"
#include "setup/setup.h"

namespace pwlog {

/// Has Elasticsearch make a key that can do what `run` needs and nothing more: create documents in
/// our indices, have them made, read their mapping and documents. It is written to `file` (mode
/// 0600, which must not exist yet) and shown nowhere; `owner` gets the file. The line is about the
/// key, and names the file; where the server makes no keys it says what to do instead.
SetupLine create_api_key(HttpClient& client, const ServerUrl& server, const ServerInfo& info,
                         const std::string& host_name, const std::filesystem::path& file,
                         std::optional<uid_t> owner = {}, const std::stop_token& stop = {});

}  // namespace pwlog
