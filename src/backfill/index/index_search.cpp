// SPDX-License-Identifier: MIT
#include "backfill/index/index_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/json_object.h"
#include "base/printable.h"
#include "elastic/json.h"

namespace pwlog {

IndexSearch::IndexSearch(IndexSearch&& other) noexcept
    : client_(std::move(other.client_)),
      time_is_date_(other.time_is_date_),
      mixed_times_(other.mixed_times_),
      total_(other.total_),
      pit_id_(std::exchange(other.pit_id_, {})) {}

IndexSearch::~IndexSearch() { close(); }

Result<IndexSearch> IndexSearch::open(IndexQuery query, const Clock& clock, std::stop_token stop) {
    auto client = IndexClient::open(std::move(query), clock, std::move(stop));
    if (!client) {
        return pass_on(client);
    }
    IndexSearch search(std::move(*client));
    if (const auto there = search.check_field(); !there) {
        return pass_on(there);
    }
    search.count();
    search.tell_closed();
    return search;
}

Result<void> IndexSearch::check_field() {
    const auto reply = client_.ask(HttpMethod::get, field_path(query()), {});
    if (!reply) {
        return pass_on(reply);
    }
    if (reply->status != 200) {
        return tl::unexpected<Error>(client_.explain(*reply));
    }
    const auto has = [&](std::string_view type) {
        return !json_text(reply->body, field_pointer(query(), type).c_str()).empty();
    };
    if (json_text(reply->body, "/indices/0").empty()) {
        return fail(ErrorKind::not_found,
                    fmt::format("{}: no index is called so", query().address.text()));
    }
    time_is_date_ = has("date") || has("date_nanos");
    mixed_times_ = has("date") && has("date_nanos");
    constexpr std::array orderly{"long", "unsigned_long", "integer", "double", "keyword"};
    if (!time_is_date_ && std::none_of(orderly.begin(), orderly.end(), has)) {
        return fail(ErrorKind::not_found,
                    fmt::format("{} has no field '{}' to go by in the order of time; map the one "
                                "that holds it to @timestamp",
                                query().address.text(), printable(query().time_field)));
    }
    return {};
}

std::optional<std::int64_t> IndexSearch::count_of(const std::string& filter) {
    JsonObject json;
    json.add_raw("query", filter);
    const auto reply = client_.ask(HttpMethod::post,
                                   fmt::format("/{}/_count", query().address.pattern), json.take());
    return reply && reply->status == 200 ? json_integer(reply->body, "/count") : std::nullopt;
}

void IndexSearch::count() {
    if (const auto documents = count_of(wanted_filter(query(), time_is_date_))) {
        total_ = static_cast<std::uint64_t>(*documents);
    }
    if (const auto timeless = count_of(timeless_filter(query())); timeless && *timeless > 0) {
        query().tell(fmt::format("{}: {} documents have no '{}' and are left out",
                                 query().address.text(), *timeless, printable(query().time_field)));
    }
}

// A pattern passes over what is closed. A server or a key that doesn't say is asked nothing more.
void IndexSearch::tell_closed() {
    const auto reply = client_.ask(
        HttpMethod::get,
        fmt::format("/_resolve/index/{}?expand_wildcards=closed", query().address.pattern), {});
    if (!reply || reply->status != 200) {
        return;
    }
    constexpr int most_named = 20;
    std::vector<std::string> closed;
    for (int i = 0; i < most_named; ++i) {
        const auto at = fmt::format("/indices/{}/", i);
        const auto name = json_text(reply->body, (at + "name").c_str());
        if (name.empty()) {
            break;
        }
        for (int k = 0; k < 4; ++k) {  // such as open, frozen
            if (json_text(reply->body, fmt::format("{}attributes/{}", at, k).c_str()) == "closed") {
                closed.push_back(printable(name));
            }
        }
    }
    if (!closed.empty()) {
        query().tell(
            fmt::format("{}: closed, and so left out: {}; open those you want (POST "
                        "/NAME/_open) and run again",
                        query().address.text(), fmt::join(closed, ", ")));
    }
}

std::string IndexSearch::behind(const std::string& time) const {
    // No document's place in its shard is behind this one.
    return breaks_ties() && by_time() ? fmt::format("[{},9223372036854775807]", time)
                                      : fmt::format("[{}]", time);
}

std::size_t IndexSearch::slices() const {
    // Slices are put together by time, which is a number where it is a date. A key that may not ask
    // for the version is taken for one of a server of today.
    const auto& server = client_.server();
    const bool can = breaks_ties() && (query().any_order || time_is_date_) &&
                     (server.version.empty() || server.major >= 8);
    return can ? std::max<std::size_t>(1, query().slices) : 1;
}

PageQuery IndexSearch::first_page() const {
    return {.filter = wanted_filter(query(), time_is_date_),
            .pit_id = pit_id_,
            .by_time = by_time(),
            .by_shard = breaks_ties(),
            .mixed_times = mixed_times_};
}

Result<void> IndexSearch::begin() {
    close();
    const char* const api = client_.opensearch() ? "_search/point_in_time" : "_pit";
    const auto reply = client_.ask(
        HttpMethod::post,
        fmt::format("/{}/{}?keep_alive={}", query().address.pattern, api, pit_keep_alive), {});
    if (!reply) {
        return pass_on(reply);
    }
    if (reply->status == 200) {
        pit_id_ = json_text(reply->body, client_.opensearch() ? "/pit_id" : "/id");
    } else if (reply->status == 401 || says(*reply, "index_not_found_exception")) {
        return tl::unexpected<Error>(client_.explain(*reply));
    }
    if (pit_id_.empty()) {
        query().tell(
            fmt::format("{}: no point in time is to be had there ({}); what changes in the "
                        "index meanwhile may be missed",
                        query().address.text(), describe_reply(*reply)));
    }
    return {};
}

void IndexSearch::close() {
    if (pit_id_.empty()) {
        return;
    }
    JsonObject json;
    if (client_.opensearch()) {
        json.open_list("pit_id");
        json.add_item(pit_id_);
        json.close_list();
    } else {
        json.add("id", pit_id_);
    }
    // What is not closed ends by itself.
    client_.say_goodbye(HttpMethod::del, client_.opensearch() ? "/_search/point_in_time" : "/_pit",
                        json.take());
    pit_id_.clear();
}

}  // namespace pwlog
