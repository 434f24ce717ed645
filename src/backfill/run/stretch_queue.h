// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "backfill/run/stretch.h"

namespace pwlog {

/// Stretches going round between one reader and some senders. Their number is fixed, and with it
/// the memory. Any thread.
class StretchQueue {
  public:
    StretchQueue(std::size_t count, BulkLimits limits);

    /// For the reader: an empty stretch; none if none came back within the time, or on a stop.
    std::unique_ptr<Stretch> take_idle(const std::stop_token& stop,
                                       std::chrono::milliseconds within);
    void hand_over(std::unique_ptr<Stretch> stretch);
    /// For the reader, once all is handed over: whether all came back within the time.
    bool wait_until_drained(const std::stop_token& stop, std::chrono::milliseconds within);

    /// For senders: waits for a stretch; none at the end, or on a stop.
    std::unique_ptr<Stretch> take_ready(const std::stop_token& stop);
    void give_back(std::unique_ptr<Stretch> stretch);

  private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<std::unique_ptr<Stretch>> idle_;
    std::deque<std::unique_ptr<Stretch>> ready_;
    std::size_t count_;
    bool all_handed_over_ = false;
};

}  // namespace pwlog
