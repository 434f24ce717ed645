// SPDX-License-Identifier: MIT
#include "sampling/transfer_capsule.h"

#include <utility>

namespace pwlog {

void TransferCapsule::add(SteadyTime now, Timestamp time, const AtsReading& reading) {
    if (is_open(now)) {
        kept_.push_back({time, reading, transfer_});
        return;
    }
    transfer_.clear();
    ring_.push_back({now, time, reading});
    while (ring_.front().read_at < now - before) {
        ring_.pop_front();
    }
}

void TransferCapsule::open(SteadyTime now, const std::string& transfer) {
    if (!is_open(now)) {
        transfer_ = transfer;
        for (auto& recent : ring_) {
            kept_.push_back({recent.time, std::move(recent.reading), transfer_});
        }
        ring_.clear();
    }
    until_ = now + after;
}

std::vector<TransferCapsule::Kept> TransferCapsule::take() { return std::exchange(kept_, {}); }

}  // namespace pwlog
