// SPDX-License-Identifier: MIT
#include "backfill/index/gap_finder.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <iterator>

#include "backfill/index/term_filter.h"
#include "base/json_document.h"
#include "base/json_member.h"
#include "elastic/server.h"

namespace pwlog {
namespace {

constexpr std::size_t most_kept_moments = 400'000;  // eight bytes each
constexpr std::size_t longest_page = 10'000;        // index.max_result_window
constexpr std::size_t shortest_page = 200;          // many more than one time has
constexpr int tries = 5;
constexpr std::chrono::milliseconds resolution(1);

/// One bit of those that the documents of one time have; 0 for what no document of ours is.
std::uint32_t bit_of(DocumentKind kind, std::int64_t outlet) {
    constexpr int behind_outlets = 16;
    const bool fits =
        kind == DocumentKind::outlet ? outlet >= 0 && outlet < behind_outlets : outlet == 0;
    const auto place =
        kind == DocumentKind::outlet ? outlet : behind_outlets + static_cast<int>(kind);
    return fits ? std::uint32_t{1} << place : 0;
}

std::uint32_t milliseconds_between(Timestamp begin, Timestamp time) {
    return static_cast<std::uint32_t>((time - begin).count());  // a month has 2.7e9
}

std::string page_query(const std::string& device, Timestamp begin, Timestamp end, bool backward,
                       std::size_t page_size) {
    return fmt::format(
        R"({{"size":{},"_source":false,"track_total_hits":false,"query":{{"bool":{{"filter":[{},)"
        R"({{"range":{{"@timestamp":{{"gte":{},"lt":{},"format":"epoch_millis"}}}}}}]}}}},)"
        R"("sort":[{{"@timestamp":"{}"}},{{"event.dataset":{{"unmapped_type":"keyword"}}}},)"
        R"({{"powerwalker.outlet.number":{{"missing":0,"unmapped_type":"byte"}}}}]}})",
        page_size, term_filter("device.id", device), begin.time_since_epoch().count(),
        end.time_since_epoch().count(), backward ? "desc" : "asc");
}

std::int64_t integer(const rapidjson::Value& value) {
    if (value.IsString()) {
        return std::strtoll(value.GetString(), nullptr, 10);
    }
    return value.IsInt64() ? value.GetInt64() : 0;
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

// The whole month at first. Then from the end of what is not known that is nearer, as the source
// goes on in one direction or the other, or, where both are far, from the beginning or end of the
// hour.
GapFinder::Question GapFinder::question(const Spans& known, Timestamp time) {
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
    const auto month = date.year() / date.month();
    Question asked{std::chrono::sys_days(month / 1),
                   std::chrono::sys_days((month + std::chrono::months(1)) / 1), false};
    if (known.empty()) {
        return asked;
    }
    const auto behind = known.upper_bound(time);
    if (behind != known.end()) {
        asked.end = behind->second.begin;
    }
    if (behind != known.begin()) {
        asked.begin = std::prev(behind)->second.end;
    }
    const Timestamp hour = std::chrono::floor<std::chrono::hours>(time);
    asked.backward = asked.end - time < time - asked.begin;
    if (asked.backward) {
        asked.end = std::min<Timestamp>(asked.end, hour + std::chrono::hours(1));
    } else {
        asked.begin = std::max(asked.begin, hour);
    }
    return asked;
}

/// Of a fleet each device's part is less: what is fetched for one must not push out what another
/// needs next, or each document would cost a page.
std::size_t GapFinder::page_size(const Month& month) const {
    std::size_t devices = 0;  // this one is among them
    for (auto at = months_.lower_bound({month.first, {}});
         at != months_.end() && at->first.first == month.first; ++at) {
        ++devices;
    }
    return std::clamp(most_kept_moments / 2 / devices, shortest_page, longest_page);
}

Result<GapFinder::Span> GapFinder::fetch(const Month& month, const Question& question,
                                         const std::stop_token& stop) {
    const auto most = page_size(month);
    const auto reply =
        ask(fmt::format("/{}/_search?ignore_unavailable=true&"
                        "allow_partial_search_results=false&"
                        "filter_path=hits.hits.sort",
                        month.first),
            page_query(month.second, question.begin, question.end, question.backward, most), stop);
    if (!reply) {
        return pass_on(reply);
    }
    rapidjson::Document json;
    if (const auto parsed = json::parse(json, *reply); !parsed) {
        return fail(ErrorKind::garbled,
                    fmt::format("asking what is there: {}", parsed.error().message));
    }
    const auto hits = json::elements(json::member(json, "hits"), "hits");
    std::map<Timestamp, std::uint32_t> found;
    for (const auto& hit : hits) {
        const auto sort = json::elements(hit, "sort");
        if (sort.size() < 3) {
            return fail(ErrorKind::garbled, "asking what is there: a hit has no sort values");
        }
        auto& documents = found[Timestamp(std::chrono::milliseconds(integer(sort[0])))];
        const auto kind = document_kind(sort[1].IsString() ? sort[1].GetString() : "");
        documents |= kind ? bit_of(*kind, integer(sort[2])) : 0;
    }
    Span span{question.begin, question.end, {}};
    if (hits.size() >= most) {  // it may end amid the documents of one time
        (question.backward ? span.begin : span.end) =
            question.backward ? found.begin()->first + resolution : found.rbegin()->first;
    }
    if (span.begin < question.begin || span.end > question.end || span.begin >= span.end) {
        return fail(ErrorKind::garbled,
                    "asking what is there: the server answers with the same page again");
    }
    for (auto at = found.lower_bound(span.begin); at != found.lower_bound(span.end); ++at) {
        span.moments.push_back({milliseconds_between(span.begin, at->first), at->second});
    }
    return span;
}

void GapFinder::keep(Spans& known, Span span) {
    moments_ += span.moments.size();
    known.insert_or_assign(span.begin, std::move(span));
    while (moments_ > most_kept_moments) {
        Spans* month_of_oldest = nullptr;
        Spans::iterator oldest;
        for (auto& [month, spans] : months_) {
            for (auto at = spans.begin(); at != spans.end(); ++at) {
                const bool older =
                    month_of_oldest == nullptr || at->second.used < oldest->second.used;
                if (older && !at->second.moments.empty()) {
                    month_of_oldest = &spans;
                    oldest = at;
                }
            }
        }
        moments_ -= oldest->second.moments.size();
        month_of_oldest->erase(oldest);
    }
}

Result<bool> GapFinder::lacks(const DocumentFacts& facts, const std::stop_token& stop) {
    if (facts.kind == DocumentKind::events) {
        return true;
    }
    const Month month(index_name(facts.family(), facts.time), facts.device);
    auto& known = months_[month];
    for (;;) {
        auto at = known.upper_bound(facts.time);
        if (at != known.begin() && facts.time < std::prev(at)->second.end) {
            auto& span = std::prev(at)->second;
            span.used = ++uses_;
            const auto offset = milliseconds_between(span.begin, facts.time);
            const auto moment = std::lower_bound(span.moments.begin(), span.moments.end(), offset,
                                                 [](const Moment& one, std::uint32_t wanted) {
                                                     return one.behind_begin_ms < wanted;
                                                 });
            return moment == span.moments.end() || moment->behind_begin_ms != offset ||
                   (moment->documents & bit_of(facts.kind, facts.outlet)) == 0;
        }
        auto span = fetch(month, question(known, facts.time), stop);
        if (!span) {
            return pass_on(span);
        }
        span->used = ++uses_;
        keep(known, std::move(*span));
    }
}

}  // namespace pwlog
