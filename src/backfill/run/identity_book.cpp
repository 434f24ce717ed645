// SPDX-License-Identifier: MIT
#include "backfill/run/identity_book.h"

#include <algorithm>

#include "backfill/json/content_hash.h"
#include "backfill/run/identity_scratch.h"

namespace pwlog {
namespace {

constexpr std::size_t most_devices = 1024;  // of more than that each document is looked up
constexpr std::size_t most_spans = 64;

}  // namespace

IdentityBook::IdentityBook(std::function<void(const std::string&)> tell)
    : tell_(std::move(tell)), scratch_(std::make_unique<IdentityScratch>()) {}

IdentityBook::~IdentityBook() = default;

IdentityBook::Series* IdentityBook::series_of(const DocumentFacts& facts) {
    if (last_device_ == nullptr || last_device_->first != facts.device) {
        auto found = devices_.find(facts.device);
        if (found == devices_.end()) {
            if (devices_.size() >= most_devices) {
                return nullptr;
            }
            found = devices_.try_emplace(facts.device).first;
            auto key = hash_of(facts.device);
            for (auto& series : found->second) {
                series.key = key++;
            }
        }
        last_device_ = &*found;
    }
    constexpr std::size_t first_outlet = 6;  // behind the six kinds
    const auto series = facts.kind == DocumentKind::outlet
                            ? first_outlet + static_cast<std::size_t>(facts.outlet) - 1
                            : static_cast<std::size_t>(facts.kind);
    return &last_device_->second.at(series);
}

IdentityBook::Seen IdentityBook::note(const DocumentFacts& facts, std::string_view id,
                                      std::string_view json) {
    if (!scratch_) {
        return Seen::first;
    }
    auto* const series = series_of(facts);
    const bool is_told_by_time = series != nullptr && facts.kind != DocumentKind::events;
    const Entry entry{is_told_by_time ? series->key : hash_of(id),
                      facts.time.time_since_epoch().count(),
                      facts.content ? *facts.content : content_hash(json)};
    const auto seen = series != nullptr ? place(*series, entry) : look_up(entry);
    if (!scratch_->problem().empty()) {
        if (tell_) {
            tell_(scratch_->problem());
        }
        scratch_.reset();
        return Seen::first;
    }
    return seen;
}

IdentityBook::Seen IdentityBook::place(Series& series, const Entry& entry) {
    if (series.spans.empty()) {
        return begin_span(series, entry);
    }
    if (!series.edge.empty() && entry.time == series.edge.front().time) {
        const auto known = std::find_if(series.edge.begin(), series.edge.end(),
                                        [&](const Entry& other) { return other.key == entry.key; });
        if (known != series.edge.end()) {
            return known->content == entry.content ? Seen::again : Seen::otherwise;
        }
        series.edge.push_back(entry);
        keep(entry);
        return Seen::first;
    }
    const auto& current = series.spans[series.current];
    const int direction = entry.time > current.last ? 1 : entry.time < current.first ? -1 : 0;
    const Span grown{std::min(current.first, entry.time), std::max(current.last, entry.time)};
    bool free = direction != 0 && (series.direction == 0 || series.direction == direction);
    for (std::size_t i = 0; i < series.spans.size(); ++i) {
        const auto& span = series.spans[i];
        if (entry.time >= span.first && entry.time <= span.last) {
            return look_up(entry);
        }
        free = free && (i == series.current || span.last < grown.first || span.first > grown.last);
    }
    if (!free) {
        return begin_span(series, entry);
    }
    series.spans[series.current] = grown;
    series.direction = direction;
    series.edge = {entry};
    keep(entry);
    return Seen::first;
}

IdentityBook::Seen IdentityBook::begin_span(Series& series, const Entry& entry) {
    auto& spans = series.spans;
    if (spans.size() == most_spans) {
        // Two of them as one: what falls between is looked up for nothing.
        std::sort(spans.begin(), spans.end(),
                  [](const Span& a, const Span& b) { return a.first < b.first; });
        std::size_t closest = 1;
        for (std::size_t i = 2; i < spans.size(); ++i) {
            if (spans[i].first - spans[i - 1].last <
                spans[closest].first - spans[closest - 1].last) {
                closest = i;
            }
        }
        spans[closest - 1].last = spans[closest].last;
        spans.erase(spans.begin() + static_cast<std::ptrdiff_t>(closest));
        if (std::any_of(spans.begin(), spans.end(), [&](const Span& span) {
                return entry.time >= span.first && entry.time <= span.last;
            })) {
            series.current = 0;
            series.direction = 0;
            series.edge.clear();
            return look_up(entry);
        }
    }
    spans.push_back({entry.time, entry.time});
    series.current = spans.size() - 1;
    series.direction = 0;
    series.edge = {entry};
    keep(entry);
    return Seen::first;
}

IdentityBook::Seen IdentityBook::look_up(const Entry& entry) {
    const auto known = scratch_->find(entry.key, entry.time);
    if (!known) {
        keep(entry);
        return Seen::first;
    }
    return *known == entry.content ? Seen::again : Seen::otherwise;
}

void IdentityBook::keep(const Entry& entry) { scratch_->add(entry); }

}  // namespace pwlog
