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

/// What an item that is not there failed at, and so what becomes of its document.
enum class Concerns : std::uint8_t {
    document,  ///< known to be its own fault: rejected, to be kept aside with the reason
    node,      ///< 408, 429: it has too much to do; this one again, later
    index,     ///< blocks, closed, missing, no room for shards, 5xx: it takes none now
    unknown,   ///< anything else: nobody knows whose fault it is, so it is kept
};

/// 200 and 201 are stored, 409 is a duplicate.
Concerns judge_refusal(unsigned status, std::string_view error_type, std::string_view reason);

/// Whether a refusal with this type is the document's own fault. What is not in the list in
/// verdicts.cpp is not: the document is kept.
bool is_documents_fault(std::string_view error_type, std::string_view reason);

}  // namespace pwlog
