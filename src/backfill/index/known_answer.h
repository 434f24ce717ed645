// SPDX-License-Identifier: MIT
#pragma once

#include <rapidjson/document.h>

#include <span>

#include "base/json_member.h"
#include "base/timestamp_text.h"

namespace pwlog {

/// What an index answers to a search.
struct KnownAnswer {
    rapidjson::Document json;

    std::span<const rapidjson::Value> buckets(const char* name) const {
        return json::elements(json::member(json::member(json, "aggregations"), name), "buckets");
    }
    /// Each document of these hits, with its time.
    template <class Hits, class Put>
    static void each_of(const Hits& hits, Put put) {
        for (const auto& hit : json::elements(json::member(hits, "hits"), "hits")) {
            const auto& source = json::member(hit, "_source");
            if (const auto time = parse_rfc3339(json::text(source, "@timestamp"))) {
                put(source, *time);
            }
        }
    }
    template <class Put>
    void each(Put put) const {
        each_of(json, put);
    }
};

}  // namespace pwlog
