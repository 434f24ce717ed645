// SPDX-License-Identifier: MIT
#include "backfill/index/live_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "backfill/index/known_answer.h"
#include "base/json_document.h"
#include "document/read.h"

namespace pwlog {
namespace {

constexpr std::string_view has_energy =
    R"({"bool":{"should":[{"exists":{"field":"powerwalker.pdu.interval_wh"}},)"
    R"({"exists":{"field":"powerwalker.outlet.interval_wh"}}]}})";

constexpr Timestamp::duration least_pause = std::chrono::minutes(5);

/// Live documents of five minutes.
struct LivePart {
    Timestamp first;
    Timestamp last;
    Timestamp counted_first;  ///< of those with energy
};

/// Without a live document for so long a device was not read; shorter than that it is one span.
/// Where it is read more rarely than every five minutes, three of its usual intervals. None: these
/// are too few to tell.
std::optional<Timestamp::duration> shortest_pause(const std::vector<LivePart>& parts) {
    constexpr std::size_t enough = 5;
    std::vector<Timestamp::duration> between;
    std::size_t single = 0;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        between.push_back(parts[i].first - parts[i - 1].last);
        single += parts[i].first == parts[i].last ? 1 : 0;
    }
    if (between.size() < enough) {
        return std::nullopt;
    }
    if (single <= between.size() / 2) {
        return least_pause;
    }
    const auto middle = between.begin() + static_cast<std::ptrdiff_t>(between.size() / 2);
    std::nth_element(between.begin(), middle, between.end());
    return std::max(least_pause, 3 * *middle);
}

Timestamp milliseconds(const std::optional<double>& number) {
    return Timestamp(std::chrono::milliseconds(static_cast<std::int64_t>(number.value_or(0))));
}

}  // namespace

// Stretch after stretch, as an answer holds only so many intervals; those without a day are left
// out.
Result<LiveSpans> LiveFinder::find(const std::string& device, Timestamp from) {
    const auto answer = search_.ask(
        Family::metrics, device, fmt::format("{},{}", time_range("gte", from), read_live),
        R"("size":0,"aggs":{"day":{"date_histogram":{"field":"@timestamp",)"
        R"("fixed_interval":"1d","min_doc_count":1}}})");
    if (!answer) {
        return pass_on(answer);
    }
    LiveSpans live;
    Timestamp asked_until{};
    auto pause = least_pause;
    for (const auto& day : answer->buckets("day")) {
        const auto begin = milliseconds(json::number(day, "key"));
        if (begin >= asked_until) {
            asked_until = begin + std::chrono::days(10);
            const auto found =
                find_between(device, std::max(from, begin), asked_until, pause, live.spans);
            if (!found) {
                return pass_on(found);
            }
        }
    }
    return live;
}

Result<void> LiveFinder::find_between(const std::string& device, Timestamp from, Timestamp until,
                                      Timestamp::duration& pause, std::vector<LiveSpan>& spans) {
    const auto answer = search_.ask(
        Family::metrics, device,
        fmt::format("{},{},{}", time_range("gte", from), time_range("lt", until), read_live),
        fmt::format(
            R"("size":0,"aggs":{{"part":{{"date_histogram":{{"field":"@timestamp","fixed_interval":"5m",)"
            R"("min_doc_count":1}},"aggs":{{"first":{{"min":{{"field":"@timestamp"}}}},)"
            R"("last":{{"max":{{"field":"@timestamp"}}}},"counted":{{"filter":{},)"
            R"("aggs":{{"first":{{"min":{{"field":"@timestamp"}}}}}}}}}}}}}})",
            has_energy));
    if (!answer) {
        return pass_on(answer);
    }
    std::vector<LivePart> parts;
    for (const auto& bucket : answer->buckets("part")) {
        const auto at = [](const auto& object, const char* name) {
            return milliseconds(json::number(json::member(object, name), "value"));
        };
        parts.push_back({at(bucket, "first"), at(bucket, "last"),
                         at(json::member(bucket, "counted"), "first")});
    }
    pause = shortest_pause(parts).value_or(pause);
    for (const auto& part : parts) {
        if (!spans.empty() && part.first - spans.back().last < pause) {
            spans.back().last = part.last;
            continue;
        }
        LiveSpan span{part.first, part.last};
        const auto before = spans.empty() ? Timestamp() : spans.back().last;
        if (part.counted_first == part.first) {
            span.counted_since = before;  // by the logger, which went on from its own last sample
        } else if (auto joint = find_joint(device, before, span); !joint) {
            return joint;
        }
        spans.push_back(span);
    }
    return {};
}

// The document that an earlier run put before the span, and the newest one with energy before that.
Result<void> LiveFinder::find_joint(const std::string& device, Timestamp from, LiveSpan& span) {
    const auto answer = search_.ask(
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
