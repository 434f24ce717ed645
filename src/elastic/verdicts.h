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
    retry,      ///< 408, 429, 5xx: this one again, later
    pause,      ///< 401, 403, 404 index_not_found_exception: keep all, a person has to act
    reject,     ///< 400 and every other 4xx: never again; to be kept aside with the reason
    unknown,    ///< a status that should not exist: again, but not for ever
};

/// By the status: the names of error types change between versions.
ItemVerdict judge_item(unsigned status, std::string_view error_type);

}  // namespace pwlog
