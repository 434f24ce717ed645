// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <string>

#include "base/result.h"
#include "elastic/http.h"
#include "elastic/server_url.h"

namespace pwlog {

/// Who answers `GET /`.
struct ServerInfo {
    enum class Product { elasticsearch, opensearch };

    Product product = Product::elasticsearch;
    std::string version{};  ///< "8.19.21"; empty where our key may not ask
    int major = 0;
    int minor = 0;
    bool serverless = false;
    std::string cluster_uuid{};  ///< empty where our key may not ask, or none is formed yet

    /// Since 7.14 Elasticsearch marks every answer with X-Elastic-Product.
    bool marks_answers() const {
        return product == Product::elasticsearch &&
               (version.empty() || major > 7 || (major == 7 && minor >= 14));
    }
    /// "Elasticsearch 8.19.21"
    std::string name() const;
};

/// Asks `GET /`. A minimal key may not (403); Elasticsearch is known by how it says so. `invalid`:
/// something answers that is neither Elasticsearch nor OpenSearch; the message names what.
/// `denied`: 401 or 403. `unavailable`: no answer, or one that says to come back later.
Result<ServerInfo> identify_server(HttpClient& client, const ServerUrl& server,
                                   const std::stop_token& stop = {});

/// Whether this answer can come from the server that was identified: marked as its product does,
/// and JSON.
bool is_from(const ServerInfo& server, const HttpReply& reply);

/// One line about an answer that is no good: status and what it says, printable and short.
std::string describe_reply(const HttpReply& reply);

}  // namespace pwlog
