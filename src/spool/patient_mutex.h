// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace pwlog {

/// A mutex that can be waited for until a time on the monotonic clock. (std::timed_mutex does that
/// by a call that ThreadSanitizer of GCC 12 does not know, and takes for no lock at all.)
class PatientMutex {
  public:
    void lock() {
        std::unique_lock lock(mutex_);
        freed_.wait(lock, [this] { return !taken_; });
        taken_ = true;
    }
    bool try_lock() { return try_lock_until(std::chrono::steady_clock::time_point::min()); }
    bool try_lock_until(std::chrono::steady_clock::time_point until) {
        std::unique_lock lock(mutex_);
        if (!freed_.wait_until(lock, until, [this] { return !taken_; })) {
            return false;
        }
        return taken_ = true;
    }
    void unlock() {
        {
            const std::lock_guard lock(mutex_);
            taken_ = false;
        }
        freed_.notify_one();
    }

  private:
    std::mutex mutex_;  // what follows
    std::condition_variable freed_;
    bool taken_ = false;
};

}  // namespace pwlog
