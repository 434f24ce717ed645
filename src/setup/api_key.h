#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "elastic/http.h"
#include "setup/setup.h"

namespace pwlog {

/// Has Elasticsearch make a key that can do what `run` needs and nothing more: create documents in
/// our indices, have them made, read their mapping and documents. It is written to `file` (mode
/// 0600, which must not exist yet) and shown nowhere. The line is about the key, and names the
/// file.
SetupLine create_api_key(HttpClient& client, const ServerUrl& server, const std::string& host_name,
                         const std::filesystem::path& file, const std::stop_token& stop = {});

}  // namespace pwlog
