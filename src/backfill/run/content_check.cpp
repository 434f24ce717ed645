// SPDX-License-Identifier: MIT
#include "backfill/run/content_check.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <cmath>

#include "backfill/index/term_filter.h"
#include "backfill/run/document_check.h"
#include "base/json_document.h"
#include "base/json_member.h"
#include "base/printable.h"
#include "document/document.h"

namespace pwlog {
namespace {

std::string query_for(const DocumentFacts& facts) {
    std::string filter = fmt::format(
        R"({{"range":{{"@timestamp":{{"gte":{0},"lte":{0},"format":"epoch_millis"}}}}}},{1},{2})",
        facts.time.time_since_epoch().count(), term_filter("device.id", facts.device),
        term_filter("event.dataset", dataset_name(facts.kind)));
    if (facts.kind == DocumentKind::outlet) {
        filter += "," + term_filter("powerwalker.outlet.number", facts.outlet);
    }
    return fmt::format(R"({{"size":1,"query":{{"bool":{{"filter":[{}]}}}}}})", filter);
}

bool is_same(const rapidjson::Value& ours, const rapidjson::Value& theirs) {
    if (ours.IsNumber() && theirs.IsNumber()) {
        constexpr double of_a_float = 1e-4;  // what a mapping may round away
        const double a = ours.GetDouble();
        const double b = theirs.GetDouble();
        return std::fabs(a - b) <= of_a_float * std::max(1.0, std::fabs(a));
    }
    return ours == theirs;
}

// The first field that we have and they don't have so; empty: none.
std::string difference(const rapidjson::Value& ours, const rapidjson::Value& theirs, int depth) {
    if (!ours.IsObject() || !theirs.IsObject() || depth == 0) {
        return {};
    }
    for (const auto& member : ours.GetObject()) {
        std::string name(member.name.GetString(), member.name.GetStringLength());
        const auto found = theirs.FindMember(member.name);
        if (found == theirs.MemberEnd()) {
            return name;
        }
        if (member.value.IsObject()) {
            if (const auto below = difference(member.value, found->value, depth - 1);
                !below.empty()) {
                return fmt::format("{}.{}", name, below);
            }
        } else if (!is_same(member.value, found->value)) {
            return name;
        }
    }
    return {};
}

}  // namespace

void ContentCheck::note(std::string_view index, std::string_view json) {
    const std::lock_guard lock(mutex_);
    if (kept_.size() < most) {
        kept_.emplace_back(index, json);
    }
}

ContentCheck::Findings ContentCheck::compare(const std::vector<ServerUrl>& servers,
                                             const HttpOptions& http,
                                             const std::stop_token& stop) const {
    const std::lock_guard lock(mutex_);
    Findings outcome;
    auto client = HttpClient::open(http);
    DocumentCheck check;
    constexpr int deepest = 4;
    for (const auto& [index, json] : kept_) {
        if (!client || servers.empty() || !check.check(json) ||
            check.facts().kind == DocumentKind::events) {
            continue;
        }
        const auto path = fmt::format("/{}/_search?filter_path=hits.hits._source", index);
        const auto body = query_for(check.facts());
        const auto reply = client->send(
            servers.front(), {.method = HttpMethod::post, .path = path, .body = body}, stop);
        if (!reply || reply->status != 200) {
            return outcome;
        }
        rapidjson::Document ours;
        rapidjson::Document answer;
        if (!json::parse(ours, json) || !json::parse(answer, reply->body)) {
            continue;
        }
        const auto hits = json::elements(json::member(answer, "hits"), "hits");
        if (hits.empty()) {
            continue;
        }
        const auto& theirs = json::member(json::member(hits[0], "_source"), "powerwalker");
        if (!theirs.IsObject()) {
            continue;
        }
        outcome.looked_at += 1;
        const auto field = difference(json::member(ours, "powerwalker"), theirs, deepest);
        if (!field.empty() && outcome.differ++ == 0) {
            outcome.example = fmt::format("{} of {}: {}", format_time(check.facts().time),
                                          printable(check.facts().device), printable(field));
        }
    }
    return outcome;
}

}  // namespace pwlog
