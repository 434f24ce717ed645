// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "elastic/http.h"
#include "elastic/server.h"

namespace pwlog {

/// What a bulk request as a whole met. Only `ok` says that the answer's items may be read. No
/// answer at all (an Error from HttpClient::send) is as `retry`: the documents may have been stored
/// or not.
enum class RequestVerdict {
    ok,       ///< 200 from the server we know
    split,    ///< 413, 400: in halves again; a lone document is refused for good
    pause,    ///< 401, 403, 404, 405, 406, 415, 3xx and other 4xx: a person has to act
    retry,    ///< 408, 429, 5xx: later
    foreign,  ///< an answer that is not this server's, a proxy's error page for example
};

RequestVerdict classify_response(const ServerInfo& server, const HttpReply& reply);

/// What became of one document.
enum class ItemVerdict : std::uint8_t {
    stored,     ///< 200, 201
    duplicate,  ///< 409: it is there already
    retry,      ///< 408, 429: the node has too much to do; this one again, later
    index,      ///< blocks, closed, missing, no room for shards, 5xx: its index takes none now
    reject,     ///< known to be the document's own fault: to be kept aside with the reason
    unknown,    ///< anything else: nobody knows whose fault it is, so it is kept
};

ItemVerdict judge_item(unsigned status, std::string_view error_type, std::string_view reason);

/// Whether a refusal with this type is the document's own fault. What is not in the list in
/// verdicts.cpp is not: the document is kept.
bool is_documents_fault(std::string_view error_type, std::string_view reason);

}  // namespace pwlog
