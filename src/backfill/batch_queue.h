#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "backfill/batch.h"

namespace pwlog {

/// Batches going round between one reader and some senders. Their number is fixed, and with it the
/// memory. Any thread.
class BatchQueue {
  public:
    BatchQueue(std::size_t count, BulkLimits limits);

    /// For the reader: an empty batch; none if none came back within the time, or on a stop.
    std::unique_ptr<Batch> take_idle(const std::stop_token& stop, std::chrono::milliseconds within);
    void hand_over(std::unique_ptr<Batch> batch);
    /// For the reader, once all is handed over: whether all came back within the time.
    bool wait_until_drained(const std::stop_token& stop, std::chrono::milliseconds within);

    /// For senders: waits for a batch; none at the end, or on a stop.
    std::unique_ptr<Batch> take_ready(const std::stop_token& stop);
    void give_back(std::unique_ptr<Batch> batch);

  private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<std::unique_ptr<Batch>> idle_;
    std::deque<std::unique_ptr<Batch>> ready_;
    std::size_t count_;
    bool all_handed_over_ = false;
};

}  // namespace pwlog
