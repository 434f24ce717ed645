// SPDX-License-Identifier: MIT
#include "elastic/holds.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pwlog {

std::string Holds::key(std::string_view index, std::string_view document) {
    std::string key(index);
    if (!document.empty()) {
        key += '/';  // no index has one in its name
        key += document;
    }
    return key;
}

bool Holds::admit(std::string_view index, std::string_view document) {
    if (holds_.empty()) {
        return true;
    }
    const auto now = clock_->steady_now();
    for (const auto& name : {std::string(index), key(index, document)}) {
        const auto found = holds_.find(name);
        if (found == holds_.end()) {
            continue;
        }
        Hold& hold = found->second;
        if (now < hold.next_try) {
            return false;
        }
        hold.next_try = now + hold.wait;  // the probe is on its way; what it says moves this
    }
    return true;
}

void Holds::refuse(std::string_view index, std::string_view document, std::string reason,
                   bool templates_missing) {
    const auto [place, fresh] = holds_.try_emplace(key(index, document));
    Hold& hold = place->second;
    if (fresh) {
        hold.index = index;
        hold.document = document;
        hold.since = clock_->wall_now();
    }
    hold.wait = fresh ? times_.first : std::min(hold.wait * 2, times_.longest);
    hold.next_try = clock_->steady_now() + hold.wait;
    hold.reason = std::move(reason);
    hold.templates_missing = templates_missing;
}

void Holds::release(std::string_view index, std::string_view document) {
    if (!holds_.empty()) {
        holds_.erase(key(index, document));
    }
}

void Holds::hurry() {
    for (auto& [name, hold] : holds_) {
        hold.next_try = clock_->steady_now();
        hold.wait = times_.first / 2;
    }
}

std::size_t Holds::documents_of(std::string_view index) const {
    return static_cast<std::size_t>(
        std::count_if(holds_.begin(), holds_.end(), [index](const auto& item) {
            return item.second.index == index && !item.second.document.empty();
        }));
}

std::optional<SteadyTime> Holds::next_try() const {
    std::optional<SteadyTime> first;
    for (const auto& [name, hold] : holds_) {
        first = first ? std::min(*first, hold.next_try) : hold.next_try;
    }
    return first;
}

std::string describe(const Hold& hold) {
    return hold.document.empty()
               ? fmt::format("{} accepts no documents: {}", hold.index, hold.reason)
               : fmt::format("{} does not take the document {}: {}", hold.index, hold.document,
                             hold.reason);
}

}  // namespace pwlog
