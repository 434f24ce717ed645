// SPDX-License-Identifier: MIT
#include "backfill/index/index_query.h"

#include <fmt/format.h>

#include "base/json_object.h"
#include "base/parse_number.h"
#include "document/document.h"

namespace pwlog {
namespace {

// A name within a path, and within a JSON pointer.
std::string percent_encoded(std::string_view name) {
    std::string text;
    for (const char c : name) {
        const bool plain = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           c == '.' || c == '_' || c == '-';
        text += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return text;
}

std::string pointer_escaped(std::string_view name) {
    std::string text;
    for (const char c : name) {
        text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return text;
}

std::string exists(const std::string& field) {
    JsonObject json;
    json.open("exists");
    json.add("field", field);
    json.close();
    return json.take();
}

std::string within(const IndexQuery& query) {
    JsonObject json;
    json.open("range");
    json.open(query.time_field);
    if (query.since) {
        json.add("gte", format_time(*query.since));
    }
    if (query.until) {
        json.add("lt", format_time(*query.until));
    }
    json.add("format", "strict_date_optional_time");
    json.close();
    json.close();
    return json.take();
}

}  // namespace

std::string wanted_filter(const IndexQuery& query, bool time_is_date) {
    JsonObject json;
    json.open("bool");
    json.open_list("filter");
    json.add_raw_item(exists(query.time_field));
    if (time_is_date && (query.since || query.until)) {
        json.add_raw_item(within(query));
    }
    json.close_list();
    json.close();
    return json.take();
}

std::string timeless_filter(const IndexQuery& query) {
    JsonObject json;
    json.open("bool");
    json.open_list("must_not");
    json.add_raw_item(exists(query.time_field));
    json.close_list();
    json.close();
    return json.take();
}

std::string search_body(const IndexQuery& query, const PageQuery& page) {
    JsonObject order;
    order.open(query.time_field);
    order.add("order", "asc");
    order.add("unmapped_type", "date");
    if (page.mixed_times) {
        order.add("numeric_type", "date");
    }
    order.close();
    JsonObject json;
    json.add("size", static_cast<std::uint64_t>(page.size));
    json.add("track_total_hits", false);
    json.add_raw("query", page.filter);
    if (!page.pit_id.empty()) {
        json.open("pit");
        json.add("id", page.pit_id);
        json.add("keep_alive", pit_keep_alive);
        json.close();
    }
    if (page.slices > 1) {
        json.open("slice");
        json.add("id", static_cast<std::uint64_t>(page.slice));
        json.add("max", static_cast<std::uint64_t>(page.slices));
        json.close();
    }
    json.open_list("sort");
    if (page.by_time) {
        json.add_raw_item(order.take());
    }
    if (page.by_shard) {
        json.add_raw_item(R"({"_shard_doc":"asc"})");
    }
    json.close_list();
    if (!page.after.empty()) {
        json.add_raw("search_after", page.after);
    }
    return json.take();
}

std::string field_path(const IndexQuery& query) {
    return fmt::format("/{}/_field_caps?fields={}", query.address.pattern,
                       percent_encoded(query.time_field));
}

std::string field_pointer(const IndexQuery& query, std::string_view type) {
    return fmt::format("/fields/{}/{}/type", pointer_escaped(query.time_field), type);
}

}  // namespace pwlog
