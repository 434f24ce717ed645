// SPDX-License-Identifier: MIT
#include "elastic/hosts.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace pwlog {

Hosts::Hosts(std::vector<ServerUrl> servers, std::chrono::milliseconds rest) : rest_(rest) {
    assert(!servers.empty());
    hosts_.reserve(servers.size());
    for (auto& server : servers) {
        hosts_.push_back({.server = std::move(server)});
    }
}

void Hosts::succeeded() {
    hosts_[current_].failures = 0;
    hosts_[current_].rests_until = {};
}

bool Hosts::failed(SteadyTime now) {
    constexpr int most_doublings = 3;
    Host& host = hosts_[current_];
    host.rests_until = now + rest_ * (1 << std::min(host.failures, most_doublings));
    ++host.failures;
    // In the configured order, beginning behind the one that failed.
    for (std::size_t step = 1; step < hosts_.size(); ++step) {
        const std::size_t candidate = (current_ + step) % hosts_.size();
        if (hosts_[candidate].rests_until <= now) {
            current_ = candidate;
            return true;
        }
    }
    const auto soonest = std::min_element(
        hosts_.begin(), hosts_.end(),
        [](const Host& a, const Host& b) { return a.rests_until < b.rests_until; });
    current_ = static_cast<std::size_t>(soonest - hosts_.begin());
    return false;
}

}  // namespace pwlog
