// SPDX-License-Identifier: MIT
#include "backfill/json/search_page.h"

#include <fmt/format.h>

#include "backfill/json/json_walk.h"

namespace pwlog {
namespace {

bool read_sort(JsonScanner& scanner, SearchHit& hit) {
    const char* const start = scanner.cursor();
    const bool read = walk_list(scanner, [&] {
        std::string_view value;
        if (!take_raw(scanner, value)) {
            return false;
        }
        hit.time = hit.time.empty() ? value : hit.time;
        return true;
    });
    hit.sort = {start, static_cast<std::size_t>(scanner.cursor() - start)};
    return read;
}

bool read_hit(JsonScanner& scanner, SearchHit& hit) {
    return walk_object(scanner, [&](std::string_view name) {
        if (name == "_index") {
            return scanner.string(hit.index);
        }
        if (name == "_id") {
            return scanner.string(hit.id);
        }
        if (name == "sort") {
            return read_sort(scanner, hit);
        }
        std::string_view other;
        return take_raw(scanner, name == "_source" ? hit.source : other);
    });
}

bool read_hits(JsonScanner& scanner, SearchPage& page) {
    return walk_object(scanner, [&](std::string_view name) {
        if (name == "hits") {
            return walk_list(scanner, [&] { return read_hit(scanner, page.hits.emplace_back()); });
        }
        std::string_view other;
        return take_raw(scanner, other);
    });
}

bool read_shards(JsonScanner& scanner, SearchPage& page) {
    return walk_object(scanner, [&](std::string_view name) {
        std::string_view value;
        if (!take_raw(scanner, value)) {
            return false;
        }
        page.incomplete = page.incomplete || (name == "failed" && value != "0");
        return true;
    });
}

}  // namespace

Result<void> read_search_page(std::string_view json, SearchPage& page) {
    page.hits.clear();
    page.pit_id = {};
    page.incomplete = false;
    bool hits_seen = false;
    JsonScanner scanner(json);
    scanner.skip_space();
    const bool read = walk_object(scanner, [&](std::string_view name) {
        if (name == "hits") {
            hits_seen = true;
            return read_hits(scanner, page);
        }
        if (name == "_shards") {
            return read_shards(scanner, page);
        }
        if (name == "pit_id") {
            return scanner.string(page.pit_id);
        }
        std::string_view value;
        if (!take_raw(scanner, value)) {
            return false;
        }
        page.incomplete = page.incomplete || (name == "timed_out" && value != "false");
        return true;
    });
    if (!read || !hits_seen) {
        return fail(ErrorKind::garbled,
                    fmt::format("the answer to a search cannot be read: {}, at byte {}",
                                read ? "it has no hits" : scanner.error(), scanner.where() + 1));
    }
    return {};
}

}  // namespace pwlog
