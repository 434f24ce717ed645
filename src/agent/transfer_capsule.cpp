#include "agent/transfer_capsule.h"

namespace pwlog {

void TransferCapsule::add(Timestamp time, const AtsReading& reading) {
    if (is_open(time)) {
        kept_.push_back({time, reading, transfer_});
        return;
    }
    transfer_.clear();
    ring_.emplace_back(time, reading);
    while (ring_.front().first < time - before) {
        ring_.pop_front();
    }
}

void TransferCapsule::open(Timestamp time, const std::string& transfer) {
    if (!is_open(time)) {
        transfer_ = transfer;
        for (auto& [when, reading] : ring_) {
            kept_.push_back({when, std::move(reading), transfer_});
        }
        ring_.clear();
    }
    until_ = time + after;
}

std::vector<TransferCapsule::Kept> TransferCapsule::take() { return std::exchange(kept_, {}); }

}  // namespace pwlog
