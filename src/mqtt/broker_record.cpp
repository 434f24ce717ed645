// SPDX-License-Identifier: MIT
#include "mqtt/broker_record.h"

#include <utility>

namespace pwlog {

void BrokerRecord::connected(bool is_trusted) {
    const std::lock_guard lock(mutex_);
    status_.connected = true;
    status_.reconnects += std::exchange(was_connected_, true) ? 1U : 0U;
    complaint_.clear();
    if (is_trusted) {
        status_.last_error.clear();
    }
}

void BrokerRecord::holds() {
    const std::lock_guard lock(mutex_);
    status_.last_error.clear();
}

void BrokerRecord::lost(const std::string& reason) {
    const std::lock_guard lock(mutex_);
    status_.connected = false;
    status_.last_error = reason;
}

void BrokerRecord::ended() {
    const std::lock_guard lock(mutex_);
    status_.connected = false;
}

void BrokerRecord::received() {
    const std::lock_guard lock(mutex_);
    ++status_.received;
}

void BrokerRecord::published() {
    const std::lock_guard lock(mutex_);
    ++status_.published;
}

void BrokerRecord::refused(const std::string& open) {
    const std::lock_guard lock(mutex_);
    ++status_.refused;
    complaint_ = open;
}

void BrokerRecord::settled(const std::string& open) {
    const std::lock_guard lock(mutex_);
    complaint_ = open;
}

PublisherStatus BrokerRecord::status() const {
    const std::lock_guard lock(mutex_);
    auto status = status_;
    if (status.last_error.empty() || (status.connected && !complaint_.empty())) {
        status.last_error = complaint_;
    }
    return status;
}

}  // namespace pwlog
