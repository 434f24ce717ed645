// SPDX-License-Identifier: MIT
#include "backfill/index/known_finder.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "backfill/index/term_filter.h"
#include "base/json_document.h"
#include "base/json_member.h"
#include "base/timestamp_text.h"
#include "document/read.h"
#include "elastic/server.h"

namespace pwlog {
namespace {

std::string search_path(Family family) {
    return fmt::format(
        "/{}*/_search?ignore_unavailable=true&allow_no_indices=true"
        "&allow_partial_search_results=false",
        family == Family::metrics ? "powerwalker-metrics-" : "powerwalker-events-");
}

/// `bound`: lt, gte.
std::string time_range(std::string_view bound, Timestamp time) {
    return fmt::format(R"({{"range":{{"@timestamp":{{"{}":{},"format":"epoch_millis"}}}}}})", bound,
                       time.time_since_epoch().count());
}

std::string query(std::string_view filters, std::string_view rest) {
    return fmt::format(R"({{"query":{{"bool":{{"filter":[{}]}}}},{}}})", filters, rest);
}

Timestamp milliseconds(const std::optional<double>& number) {
    return Timestamp(std::chrono::milliseconds(static_cast<std::int64_t>(number.value_or(0))));
}

}  // namespace

Result<KnownFinder> KnownFinder::open(std::vector<ServerUrl> servers, const HttpOptions& http,
                                      std::stop_token stop,
                                      std::function<void(const std::string&)> tell) {
    auto client = HttpClient::open(http);
    if (!client) {
        return pass_on(client);
    }
    return KnownFinder(std::move(servers), std::move(*client), std::move(stop), std::move(tell));
}

Result<std::string> KnownFinder::ask(const std::string& path, const std::string& body) {
    std::string problem = "no server is configured";
    for (const auto& server : servers_) {
        auto reply =
            client_.send(server, {.method = HttpMethod::post, .path = path, .body = body}, stop_);
        if (reply && reply->status == 200) {
            return std::move(reply->body);
        }
        problem = reply ? describe_reply(*reply) : reply.error().message;
    }
    return fail(ErrorKind::unavailable, problem);
}

KnownDevice KnownFinder::find(const std::string& device, Timestamp from) {
    KnownDevice known;
    auto found = find_sample(device, from, known);
    found = found ? find_alarms(device, from, known) : found;
    found = found ? find_live(device, from, known) : found;
    if (!found) {
        tell_(
            fmt::format("what the index has of this device already cannot be asked ({}): its "
                        "history is not joined to it",
                        found.error().message));
        return {};
    }
    return known;
}

// The device and its outlets have one time.
Result<void> KnownFinder::find_sample(const std::string& device, Timestamp from,
                                      KnownDevice& known) {
    const auto body = query(term_filter("device.id", device) + "," + time_range("lt", from),
                            R"("size":20,"sort":[{"@timestamp":"desc"}])");
    const auto reply = ask(search_path(Family::metrics), body);
    rapidjson::Document json;
    if (!reply || !json::parse(json, *reply)) {
        return reply ? fail(ErrorKind::garbled, "the response is not JSON") : pass_on(reply);
    }
    const auto& hits = json::member(json::member(json, "hits"), "hits");
    if (!hits.IsArray()) {
        return {};
    }
    for (const auto& hit : hits.GetArray()) {
        const auto& source = json::member(hit, "_source");
        const auto time = parse_rfc3339(json::text(source, "@timestamp"));
        auto sample = read(json::to_text(source));
        if (!time || !sample) {
            continue;
        }
        if (!known.before) {
            known.before = JoinedSample{device, *time, {}, 0, {}};
        }
        if (*time == known.before->time) {
            known.before->documents[{sample->kind, sample->outlet}] = std::move(sample->values);
        }
    }
    return {};
}

Result<void> KnownFinder::find_alarms(const std::string& device, Timestamp from,
                                      KnownDevice& known) {
    const auto body =
        query(term_filter("device.id", device) + "," + time_range("lt", from) + "," +
                  term_filter("event.type", "start"),
              R"("size":100,"_source":["@timestamp","event.id","powerwalker.event.alarm"],)"
              R"("sort":[{"@timestamp":"desc"}])");
    const auto reply = ask(search_path(Family::events), body);
    rapidjson::Document json;
    if (!reply || !json::parse(json, *reply)) {
        return reply ? fail(ErrorKind::garbled, "the response is not JSON") : pass_on(reply);
    }
    const auto& hits = json::member(json::member(json, "hits"), "hits");
    for (rapidjson::SizeType i = 0; hits.IsArray() && i < hits.Size(); ++i) {
        const auto& source = json::member(hits[i], "_source");
        const auto alarm =
            json::text(json::member(json::member(source, "powerwalker"), "event"), "alarm");
        const auto since = parse_rfc3339(json::text(source, "@timestamp"));
        if (!alarm.empty() && since) {
            known.alarms.try_emplace(
                alarm,
                KnownDevice::Beginning{*since, json::text(json::member(source, "event"), "id")});
        }
    }
    return {};
}

// Only what was read live says how long that took.
Result<void> KnownFinder::find_live(const std::string& device, Timestamp from, KnownDevice& known) {
    const auto body = query(
        term_filter("device.id", device) + "," + time_range("gte", from) +
            R"(,{"exists":{"field":"event.duration"}})",
        R"("size":0,"aggs":{"hour":{"date_histogram":{"field":"@timestamp","fixed_interval":"1h",)"
        R"("min_doc_count":1},"aggs":{"first":{"min":{"field":"@timestamp"}},)"
        R"("last":{"max":{"field":"@timestamp"}}}}})");
    const auto reply = ask(search_path(Family::metrics), body);
    rapidjson::Document json;
    if (!reply || !json::parse(json, *reply)) {
        return reply ? fail(ErrorKind::garbled, "the response is not JSON") : pass_on(reply);
    }
    const auto& hours =
        json::member(json::member(json::member(json, "aggregations"), "hour"), "buckets");
    for (rapidjson::SizeType i = 0; hours.IsArray() && i < hours.Size(); ++i) {
        const KnownDevice::Span span{
            milliseconds(json::number(json::member(hours[i], "first"), "value")),
            milliseconds(json::number(json::member(hours[i], "last"), "value"))};
        constexpr auto pause = std::chrono::minutes(5);  // shorter than that it is the same span
        if (!known.live.empty() && span.first - known.live.back().last < pause) {
            known.live.back().last = span.last;
        } else {
            known.live.push_back(span);
        }
    }
    return {};
}

}  // namespace pwlog
