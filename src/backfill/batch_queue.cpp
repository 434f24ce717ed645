#include "backfill/batch_queue.h"

namespace pwlog {

BatchQueue::BatchQueue(std::size_t count, BulkLimits limits) : count_(count) {
    for (std::size_t i = 0; i < count; ++i) {
        idle_.push_back(std::make_unique<Batch>(limits));
    }
}

std::unique_ptr<Batch> BatchQueue::take_idle(const std::stop_token& stop,
                                             std::chrono::milliseconds within) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, stop, within, [this] { return !idle_.empty(); }) ||
        stop.stop_requested()) {
        return nullptr;
    }
    auto batch = std::move(idle_.back());
    idle_.pop_back();
    return batch;
}

void BatchQueue::hand_over(std::unique_ptr<Batch> batch) {
    {
        const std::lock_guard lock(mutex_);
        ready_.push_back(std::move(batch));
    }
    changed_.notify_all();
}

bool BatchQueue::wait_until_drained(const std::stop_token& stop, std::chrono::milliseconds within) {
    std::unique_lock lock(mutex_);
    all_handed_over_ = true;
    changed_.notify_all();
    return changed_.wait_for(lock, stop, within, [this] { return idle_.size() == count_; });
}

std::unique_ptr<Batch> BatchQueue::take_ready(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [this] { return !ready_.empty() || all_handed_over_; });
    if (ready_.empty() || stop.stop_requested()) {
        return nullptr;
    }
    auto batch = std::move(ready_.front());
    ready_.pop_front();
    return batch;
}

void BatchQueue::give_back(std::unique_ptr<Batch> batch) {
    {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(batch));
    }
    changed_.notify_all();
}

}  // namespace pwlog
