// SPDX-License-Identifier: MIT
#include "backfill/index/known_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "backfill/index/known_answer.h"
#include "backfill/index/live_finder.h"
#include "backfill/index/term_filter.h"
#include "base/json_document.h"
#include "document/read.h"

namespace pwlog {
namespace {

/// The documents of one time, as one sample.
struct SamplesByTime {
    std::string device;
    std::map<Timestamp, JoinedSample> samples;

    void operator()(const rapidjson::Value& source, Timestamp time) {
        if (auto sample = read(json::to_text(source))) {
            auto& joined =
                samples.try_emplace(time, JoinedSample{device, time, {}, 0, {}}).first->second;
            joined.documents[{sample->kind, sample->outlet}] = std::move(sample->values);
        }
    }
};

}  // namespace

Result<KnownFinder> KnownFinder::open(std::vector<ServerUrl> servers, const HttpOptions& http,
                                      std::stop_token stop,
                                      std::function<void(const std::string&)> tell) {
    auto client = HttpClient::open(http);
    if (!client) {
        return pass_on(client);
    }
    return KnownFinder({std::move(servers), std::move(*client), std::move(stop)}, std::move(tell));
}

KnownDevice KnownFinder::find(const std::string& device, Timestamp from) {
    KnownDevice known;
    auto before = find_before(device, from);
    auto found = before ? find_alarms(device, from, known) : pass_on(before);
    auto live = found ? LiveFinder(search_).find(device, from) : pass_on(found);
    if (!live) {
        tell_(
            fmt::format("what the index has of this device already cannot be asked ({}): its "
                        "history is not joined to it",
                        live.error().message));
        return {};
    }
    known.before = std::move(*before);
    known.live = std::move(*live);
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

Result<std::optional<JoinedSample>> KnownFinder::find_sample(const std::string& device,
                                                             const std::string& filters) {
    const auto answer = search_.ask(Family::metrics, device, filters,
                                    R"("size":20,"sort":[{"@timestamp":"desc"}])");
    if (!answer) {
        return pass_on(answer);
    }
    SamplesByTime found{device, {}};
    answer->each([&](const auto& source, Timestamp time) { found(source, time); });
    return found.samples.empty() ? std::nullopt
                                 : std::optional(std::move(found.samples.rbegin()->second));
}

// The input and the outlets may have times of their own, as in a home's history: of each the newest
// that is not much older than the device's.
Result<std::vector<JoinedSample>> KnownFinder::find_before(const std::string& device,
                                                           Timestamp from) {
    constexpr auto much_older = std::chrono::days(30);
    // The readings around a transfer lie between two samples.
    const auto earlier = time_range("lt", from) +
                         R"(,{"bool":{"must_not":{"term":{"powerwalker.ats.capsule":true}}}})";
    auto newest = find_sample(device, earlier);
    if (!newest) {
        return pass_on(newest);
    }
    if (!*newest) {
        return std::vector<JoinedSample>();
    }
    const auto answer = search_.ask(
        Family::metrics, device,
        fmt::format("{},{}", time_range("gte", (*newest)->time - much_older), earlier),
        R"("size":0,"aggs":{"kind":{"terms":{"field":"event.dataset","size":10},"aggs":)"
        R"({"channel":{"terms":{"field":"powerwalker.outlet.number","missing":0,"size":10},"aggs":)"
        R"({"newest":{"top_hits":{"size":1,"sort":[{"@timestamp":"desc"}]}}}}}}})");
    if (!answer) {
        return pass_on(answer);
    }
    SamplesByTime found{device, {}};
    for (const auto& kind : answer->buckets("kind")) {
        for (const auto& channel : json::elements(json::member(kind, "channel"), "buckets")) {
            KnownAnswer::each_of(json::member(channel, "newest"),
                                 [&](const auto& source, Timestamp time) { found(source, time); });
        }
    }
    std::vector<JoinedSample> samples;
    for (auto& [time, sample] : found.samples) {
        samples.push_back(std::move(sample));
    }
    return samples;
}

Result<void> KnownFinder::find_alarms(const std::string& device, Timestamp from,
                                      KnownDevice& known) {
    const auto answer = search_.ask(
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

}  // namespace pwlog
