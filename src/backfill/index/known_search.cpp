// SPDX-License-Identifier: MIT
#include "backfill/index/known_search.h"

#include <fmt/format.h>

#include "backfill/index/known_answer.h"
#include "backfill/index/term_filter.h"
#include "base/json_document.h"
#include "elastic/server.h"

namespace pwlog {
namespace {

std::string search_path(Family family) {
    return fmt::format(
        "/{}*/_search?ignore_unavailable=true&allow_no_indices=true"
        "&allow_partial_search_results=false",
        family == Family::metrics ? "powerwalker-metrics-" : "powerwalker-events-");
}

}  // namespace

std::string time_range(std::string_view bound, Timestamp time) {
    return fmt::format(R"({{"range":{{"@timestamp":{{"{}":{},"format":"epoch_millis"}}}}}})", bound,
                       time.time_since_epoch().count());
}

Result<KnownAnswer> KnownSearch::ask(Family family, const std::string& device,
                                     const std::string& filters, std::string_view rest) {
    const auto path = search_path(family);
    const auto body = fmt::format(R"({{"query":{{"bool":{{"filter":[{},{}]}}}},{}}})",
                                  term_filter("device.id", device), filters, rest);
    std::string problem = "no server is configured";
    for (const auto& server : servers_) {
        const auto reply =
            client_.send(server, {.method = HttpMethod::post, .path = path, .body = body}, stop_);
        if (reply && reply->status == 200) {
            KnownAnswer answer;
            if (json::parse(answer.json, reply->body)) {
                return answer;
            }
            return fail(ErrorKind::garbled, "the answer is no JSON");
        }
        problem = reply ? describe_reply(*reply) : reply.error().message;
    }
    return fail(ErrorKind::unavailable, problem);
}

}  // namespace pwlog
