// SPDX-License-Identifier: MIT
#include "backfill/run/stretch_queue.h"

namespace pwlog {

StretchQueue::StretchQueue(std::size_t count, BulkLimits limits) : count_(count) {
    for (std::size_t i = 0; i < count; ++i) {
        idle_.push_back(std::make_unique<Stretch>(limits));
    }
}

std::unique_ptr<Stretch> StretchQueue::take_idle(const std::stop_token& stop,
                                                 std::chrono::milliseconds within) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, stop, within, [this] { return !idle_.empty(); }) ||
        stop.stop_requested()) {
        return nullptr;
    }
    auto stretch = std::move(idle_.back());
    idle_.pop_back();
    return stretch;
}

void StretchQueue::hand_over(std::unique_ptr<Stretch> stretch) {
    {
        const std::lock_guard lock(mutex_);
        ready_.push_back(std::move(stretch));
    }
    changed_.notify_all();
}

bool StretchQueue::wait_until_drained(const std::stop_token& stop,
                                      std::chrono::milliseconds within) {
    std::unique_lock lock(mutex_);
    all_handed_over_ = true;
    changed_.notify_all();
    return changed_.wait_for(lock, stop, within, [this] { return idle_.size() == count_; });
}

std::unique_ptr<Stretch> StretchQueue::take_ready(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [this] { return !ready_.empty() || all_handed_over_; });
    if (ready_.empty() || stop.stop_requested()) {
        return nullptr;
    }
    auto stretch = std::move(ready_.front());
    ready_.pop_front();
    return stretch;
}

void StretchQueue::give_back(std::unique_ptr<Stretch> stretch) {
    {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(stretch));
    }
    changed_.notify_all();
}

}  // namespace pwlog
