// SPDX-License-Identifier: MIT
#include "mqtt/broker_addresses.h"

#include <fmt/format.h>

#include <algorithm>

namespace pwlog {

Result<void> BrokerAddresses::choose(BrokerOptions& broker, const Clock& clock, SteadyTime end,
                                     const std::stop_token& stop) {
    const auto failed = [&](const Error& error) {
        return fail(error.kind,
                    fmt::format("{}:{}: connecting: {}", broker.host, broker.port, error.message));
    };
    auto addresses = resolver_(broker.host, broker.port, stop);
    if (!addresses) {
        return failed(addresses.error());
    }
    const auto rank = [this](const Address& address) {
        const auto found = turned_away_.find(address.text());
        return found == turned_away_.end() ? 0 : found->second;
    };
    std::stable_sort(addresses->begin(), addresses->end(),
                     [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    known_.clear();
    for (const auto& address : *addresses) {
        known_.push_back(address.text());
    }
    if (addresses->size() > 1) {
        const auto dialled = dial(*addresses, clock, end, stop);
        if (!dialled) {
            return failed(dialled.error());
        }
        std::swap(known_.front(),
                  *std::find(known_.begin(), known_.end(), dialled->address.text()));
    }
    broker.address = known_.front();
    return {};
}

void BrokerAddresses::turned_out(bool accepted) {
    if (accepted) {
        turned_away_.erase(known_.front());
    } else {
        turned_away_[known_.front()] = ++times_;
    }
}

std::ptrdiff_t BrokerAddresses::hopes() const {
    return std::count_if(known_.begin(), known_.end(),
                         [this](const auto& address) { return !turned_away_.contains(address); });
}

}  // namespace pwlog
