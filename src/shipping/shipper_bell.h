// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "base/clock.h"
#include "elastic/bulk_sender.h"
#include "spool/batch.h"

namespace pwlog {

/// What other threads tell the shipper's, and its sleep, which that ends. Any thread.
class ShipperBell {
  public:
    /// What is asked for since it was taken the last time.
    struct Orders {
        bool news = true;         ///< something was committed
        bool look_again = false;  ///< try everything from the oldest on, at once
        std::optional<std::pair<BulkSender, BatchLimits>> sender{};  ///< to be used from now on
    };

    /// `change`, if given, adds to the orders.
    template <class Change>
    void ring(const Change& change) {
        const std::lock_guard lock(mutex_);
        change(orders_);
        rung_.notify_all();
    }
    Orders take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(orders_, {.news = false});
    }
    /// Until then, a stop, or an order; `or_until` is asked at each ring as well.
    template <class Condition>
    void sleep(SteadyTime until, const std::stop_token& stop, const Condition& or_until) {
        std::unique_lock lock(mutex_);
        rung_.wait_until(lock, stop, until,
                         [&] { return orders_.look_again || or_until(orders_); });
    }

    /// The thread has ended.
    void note_end() {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        rung_.notify_all();
    }
    void wait_for_end(std::chrono::milliseconds patience) {
        std::unique_lock lock(mutex_);
        rung_.wait_for(lock, patience, [this] { return ended_; });
    }

  private:
    std::mutex mutex_;  // what follows
    std::condition_variable_any rung_;
    Orders orders_;
    bool ended_ = false;
};

}  // namespace pwlog
