// SPDX-License-Identifier: MIT
#include "backfill/index/gap_finder.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>

#include "backfill/index/term_filter.h"
#include "base/json_document.h"
#include "base/json_member.h"
#include "base/json_object.h"
#include "elastic/server.h"

namespace pwlog {
namespace {

constexpr std::size_t most_kept_documents = 400'000;  // eight bytes each
constexpr int page_size = 10'000;                     // index.max_result_window
constexpr int tries = 5;

std::uint64_t identity(Timestamp time, int outlet) {
    return static_cast<std::uint64_t>(time.time_since_epoch().count()) * 16 +
           static_cast<std::uint64_t>(outlet);
}

std::size_t hour_of_month(Timestamp time) {
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
    const Timestamp month = std::chrono::sys_days(date.year() / date.month() / 1);
    return static_cast<std::size_t>(std::chrono::floor<std::chrono::hours>(time - month).count());
}

std::string counts_query(const std::string& device) {
    JsonObject json;
    json.add("size", 0);
    json.add_raw("query", term_filter("device.id", device));
    json.add_raw("aggs", R"({"kind":{"terms":{"field":"event.dataset","size":10},"aggs":{"hour":)"
                         R"({"date_histogram":{"field":"@timestamp","fixed_interval":"1h",)"
                         R"("min_doc_count":1}}}}})");
    return json.take();
}

std::string hour_query(const DocumentFacts& facts, std::int64_t begin, std::int64_t end,
                       const std::string& after) {
    JsonObject json;
    json.add("size", page_size);
    json.add("_source", false);
    json.add("track_total_hits", false);
    json.open("query");
    json.open("bool");
    json.open_list("filter");
    json.add_raw_item(term_filter("device.id", facts.device));
    json.add_raw_item(term_filter("event.dataset", dataset_name(facts.kind)));
    json.open_item();
    json.open("range");
    json.open("@timestamp");
    json.add("gte", begin);
    json.add("lt", end);
    json.add("format", "epoch_millis");
    json.close();
    json.close();
    json.close();
    json.close_list();
    json.close();
    json.close();
    json.add_raw("sort", R"([{"@timestamp":"asc"},)"
                         R"({"powerwalker.outlet.number":{"missing":0,"unmapped_type":"byte"}}])");
    if (!after.empty()) {
        json.add_raw("search_after", after);
    }
    return json.take();
}

std::int64_t integer(const rapidjson::Value& value) {
    if (value.IsString()) {
        return std::strtoll(value.GetString(), nullptr, 10);
    }
    return value.IsInt64() ? value.GetInt64() : 0;
}

tl::unexpected<Error> unreadable(const Error& error) {
    return fail(ErrorKind::garbled, fmt::format("asking what is there: {}", error.message));
}

}  // namespace

Result<GapFinder> GapFinder::open(std::vector<ServerUrl> servers, const HttpOptions& http,
                                  const Clock& clock) {
    auto client = HttpClient::open(http);
    if (!client) {
        return pass_on(client);
    }
    return GapFinder(std::move(servers), std::move(*client), clock);
}

Result<std::string> GapFinder::ask(const std::string& path, const std::string& body,
                                   const std::stop_token& stop) {
    std::string problem;
    for (int i = 0; i < tries; ++i) {
        const auto& server = servers_[static_cast<std::size_t>(i) % servers_.size()];
        auto reply =
            client_.send(server, {.method = HttpMethod::post, .path = path, .body = body}, stop);
        if (reply && reply->status == 200) {
            return std::move(reply->body);
        }
        problem = reply ? describe_reply(*reply) : reply.error().message;
        if (reply && reply->status < 500 && reply->status != 429) {
            return fail(ErrorKind::refused, fmt::format("asking what is there: {}", problem));
        }
        if (!clock_->wait_until(clock_->steady_now() + std::chrono::seconds(1 << i), stop)) {
            return fail(ErrorKind::stopped, "asked to stop");
        }
    }
    return fail(ErrorKind::unavailable, fmt::format("asking what is there: {}", problem));
}

Result<const GapFinder::Hours*> GapFinder::hours(const std::string& index,
                                                 const std::string& device,
                                                 const std::stop_token& stop) {
    const std::pair key(index, device);
    if (const auto kept = hours_.find(key); kept != hours_.end()) {
        return &kept->second;
    }
    const auto reply =
        ask(fmt::format("/{}/_search?ignore_unavailable=true&filter_path=aggregations", index),
            counts_query(device), stop);
    if (!reply) {
        return pass_on(reply);
    }
    rapidjson::Document json;
    if (const auto parsed = json::parse(json, *reply); !parsed) {
        return unreadable(parsed.error());
    }
    Hours fresh;
    const auto& kinds = json::member(json::member(json, "aggregations"), "kind");
    for (const auto& bucket : json::elements(kinds, "buckets")) {
        const auto kind = document_kind(json::text(bucket, "key"));
        for (const auto& hour : json::elements(json::member(bucket, "hour"), "buckets")) {
            if (const auto& time = json::member(hour, "key"); kind && !time.IsNull()) {
                fresh[*kind].set(
                    hour_of_month(Timestamp(std::chrono::milliseconds(integer(time)))));
            }
        }
    }
    return &hours_.emplace(key, std::move(fresh)).first->second;
}

Result<const GapFinder::Known*> GapFinder::known(const std::string& index,
                                                 const DocumentFacts& facts, Hour hour,
                                                 const std::stop_token& stop) {
    for (const auto& kept : known_) {
        if (kept.kind == facts.kind && kept.hour == hour && kept.device == facts.device) {
            return &kept;
        }
    }
    Known fresh{facts.device, facts.kind, hour, {}};
    const std::int64_t begin = Timestamp(hour).time_since_epoch().count();
    const std::int64_t end = begin + std::chrono::milliseconds(std::chrono::hours(1)).count();
    std::string after;
    for (std::size_t hits = page_size; hits == page_size;) {
        const auto reply = ask(
            fmt::format("/{}/_search?ignore_unavailable=true&filter_path=hits.hits.sort", index),
            hour_query(facts, begin, end, after), stop);
        if (!reply) {
            return pass_on(reply);
        }
        rapidjson::Document json;
        if (const auto parsed = json::parse(json, *reply); !parsed) {
            return unreadable(parsed.error());
        }
        const auto found = json::elements(json::member(json, "hits"), "hits");
        hits = found.size();
        const auto before = after;
        for (const auto& hit : found) {
            const auto sort = json::elements(hit, "sort");
            if (sort.size() < 2) {
                continue;
            }
            const std::int64_t time = integer(sort[0]);
            const auto outlet = static_cast<int>(integer(sort[1]));
            fresh.documents.push_back(identity(Timestamp(std::chrono::milliseconds(time)), outlet));
            after = fmt::format("[{},{}]", time, outlet);
        }
        if (hits == page_size && after == before) {
            return fail(ErrorKind::garbled,
                        "asking what is there: the server answers with the same page again");
        }
    }
    std::sort(fresh.documents.begin(), fresh.documents.end());
    known_documents_ += fresh.documents.size();
    known_.push_front(std::move(fresh));
    while (known_documents_ > most_kept_documents && known_.size() > 1) {
        known_documents_ -= known_.back().documents.size();
        known_.pop_back();
    }
    return &known_.front();
}

Result<bool> GapFinder::lacks(const DocumentFacts& facts, const std::stop_token& stop) {
    if (facts.kind == DocumentKind::events) {
        return true;
    }
    const auto hour = std::chrono::floor<std::chrono::hours>(facts.time);
    const auto index = index_name(facts.family(), facts.time);
    const auto there = hours(index, facts.device, stop);
    if (!there) {
        return pass_on(there);
    }
    const auto kind = (*there)->find(facts.kind);
    if (kind == (*there)->end() || !kind->second.test(hour_of_month(facts.time))) {
        return true;
    }
    const auto documents = known(index, facts, hour, stop);
    if (!documents) {
        return pass_on(documents);
    }
    const auto& there_already = (*documents)->documents;
    return !std::binary_search(there_already.begin(), there_already.end(),
                               identity(facts.time, facts.outlet));
}

}  // namespace pwlog
