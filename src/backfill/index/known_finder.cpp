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

/// What only live documents have: how long their reading took.
constexpr std::string_view read_live = R"({"exists":{"field":"event.duration"}})";
constexpr std::string_view has_energy =
    R"({"bool":{"should":[{"exists":{"field":"powerwalker.pdu.interval_wh"}},)"
    R"({"exists":{"field":"powerwalker.outlet.interval_wh"}}]}})";

Timestamp milliseconds(const std::optional<double>& number) {
    return Timestamp(std::chrono::milliseconds(static_cast<std::int64_t>(number.value_or(0))));
}

}  // namespace

struct KnownFinder::Answer {
    rapidjson::Document json;

    /// Each hit, until `put` is content.
    template <class Put>
    void each(Put put) const {
        for (const auto& hit : json::elements(json::member(json, "hits"), "hits")) {
            const auto& source = json::member(hit, "_source");
            if (const auto time = parse_rfc3339(json::text(source, "@timestamp"))) {
                put(source, *time);
            }
        }
    }
};

Result<KnownFinder> KnownFinder::open(std::vector<ServerUrl> servers, const HttpOptions& http,
                                      std::stop_token stop,
                                      std::function<void(const std::string&)> tell) {
    auto client = HttpClient::open(http);
    if (!client) {
        return pass_on(client);
    }
    return KnownFinder(std::move(servers), std::move(*client), std::move(stop), std::move(tell));
}

Result<KnownFinder::Answer> KnownFinder::search(Family family, const std::string& device,
                                                const std::string& filters, std::string_view rest) {
    const auto path = search_path(family);
    const auto body = fmt::format(R"({{"query":{{"bool":{{"filter":[{},{}]}}}},{}}})",
                                  term_filter("device.id", device), filters, rest);
    std::string problem = "no server is configured";
    for (const auto& server : servers_) {
        const auto reply =
            client_.send(server, {.method = HttpMethod::post, .path = path, .body = body}, stop_);
        if (reply && reply->status == 200) {
            Answer answer;
            if (json::parse(answer.json, reply->body)) {
                return answer;
            }
            return fail(ErrorKind::garbled, "the answer is no JSON");
        }
        problem = reply ? describe_reply(*reply) : reply.error().message;
    }
    return fail(ErrorKind::unavailable, problem);
}

KnownDevice KnownFinder::find(const std::string& device, Timestamp from) {
    KnownDevice known;
    auto before = find_sample(device, time_range("lt", from));
    auto found = before ? find_alarms(device, from, known) : pass_on(before);
    found = found ? find_live(device, from, known) : found;
    if (!found) {
        tell_(
            fmt::format("what the index has of this device already cannot be asked ({}): its "
                        "history is not joined to it",
                        found.error().message));
        return {};
    }
    known.before = std::move(*before);
    return known;
}

std::optional<JoinedSample> KnownFinder::live_at(const std::string& device, Timestamp time) {
    auto sample = find_sample(device, fmt::format("{},{},{}", time_range("gte", time),
                                                  time_range("lte", time), read_live));
    if (!sample) {
        tell_(fmt::format("a live sample cannot be asked for ({}): history is not joined to it",
                          sample.error().message));
        return std::nullopt;
    }
    return std::move(*sample);
}

// The device and its outlets have one time.
Result<std::optional<JoinedSample>> KnownFinder::find_sample(const std::string& device,
                                                             const std::string& filters) {
    const auto answer =
        search(Family::metrics, device, filters, R"("size":20,"sort":[{"@timestamp":"desc"}])");
    if (!answer) {
        return pass_on(answer);
    }
    std::optional<JoinedSample> newest;
    answer->each([&](const auto& source, Timestamp time) {
        auto sample = read(json::to_text(source));
        if (sample && !newest) {
            newest = JoinedSample{device, time, {}, 0, {}};
        }
        if (sample && time == newest->time) {
            newest->documents[{sample->kind, sample->outlet}] = std::move(sample->values);
        }
    });
    return newest;
}

Result<void> KnownFinder::find_alarms(const std::string& device, Timestamp from,
                                      KnownDevice& known) {
    const auto answer = search(
        Family::events, device, time_range("lt", from) + "," + term_filter("event.type", "start"),
        R"("size":100,"_source":["@timestamp","event.id","powerwalker.event.alarm"],)"
        R"("sort":[{"@timestamp":"desc"}])");
    if (!answer) {
        return pass_on(answer);
    }
    answer->each([&](const auto& source, Timestamp since) {
        const auto alarm =
            json::text(json::member(json::member(source, "powerwalker"), "event"), "alarm");
        if (!alarm.empty()) {
            known.alarms.try_emplace(
                alarm,
                KnownDevice::Beginning{since, json::text(json::member(source, "event"), "id")});
        }
    });
    return {};
}

Result<void> KnownFinder::find_live(const std::string& device, Timestamp from, KnownDevice& known) {
    const auto answer = search(
        Family::metrics, device, fmt::format("{},{}", time_range("gte", from), read_live),
        fmt::format(
            R"("size":0,"aggs":{{"hour":{{"date_histogram":{{"field":"@timestamp","fixed_interval":"1h",)"
            R"("min_doc_count":1}},"aggs":{{"first":{{"min":{{"field":"@timestamp"}}}},)"
            R"("last":{{"max":{{"field":"@timestamp"}}}},"counted":{{"filter":{},)"
            R"("aggs":{{"first":{{"min":{{"field":"@timestamp"}}}}}}}}}}}}}})",
            has_energy));
    if (!answer) {
        return pass_on(answer);
    }
    auto& spans = known.live.spans;
    for (const auto& hour : json::elements(
             json::member(json::member(answer->json, "aggregations"), "hour"), "buckets")) {
        const auto at = [](const auto& object, const char* name) {
            return milliseconds(json::number(json::member(object, name), "value"));
        };
        LiveSpan span{at(hour, "first"), at(hour, "last")};
        constexpr auto pause = std::chrono::minutes(5);  // shorter than that it is the same span
        if (!spans.empty() && span.first - spans.back().last < pause) {
            spans.back().last = span.last;
            continue;
        }
        const auto before = spans.empty() ? Timestamp() : spans.back().last;
        if (at(json::member(hour, "counted"), "first") == span.first) {
            span.counted_since = before;  // by the logger, which went on from its own last sample
        } else if (auto joint = find_joint(device, before, span); !joint) {
            return joint;
        }
        spans.push_back(span);
    }
    return {};
}

// The document that an earlier run put before the span, and the newest one with energy before that.
Result<void> KnownFinder::find_joint(const std::string& device, Timestamp from, LiveSpan& span) {
    const auto answer = search(
        Family::metrics, device,
        fmt::format("{},{},{}", time_range("gt", from), time_range("lt", span.first), has_energy),
        R"("size":20,"sort":[{"@timestamp":"desc"}])");
    if (!answer) {
        return pass_on(answer);
    }
    answer->each([&](const auto& source, Timestamp time) {
        const auto sample = read(json::to_text(source));
        const bool is_joint =
            sample && time == before_live(span.first) &&
            !sample->values.contains(either(*sample, Field::pdu_power_w, Field::outlet_power_w));
        if (is_joint) {
            span.by_history = true;
            span.counted_since = from;
        } else if (span.by_history && span.counted_since == from) {
            span.counted_since = time;
        }
    });
    return {};
}

}  // namespace pwlog
