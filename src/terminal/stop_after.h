// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/thread.h"

namespace pwlog {

/// A stop that comes by itself after a while: what bounds work whose parts each wait for long.
class StopAfter {
  public:
    explicit StopAfter(std::chrono::milliseconds time) {
        auto thread = start_thread("limit", [this, time](const std::stop_token& cancelled) {
            std::mutex mutex;
            std::condition_variable_any never_notified;
            std::unique_lock lock(mutex);
            never_notified.wait_for(lock, cancelled, time, [] { return false; });
            source_.request_stop();
        });
        if (thread) {  // without, each part still has its own deadline
            thread_ = std::move(*thread);
        }
    }

    std::stop_token token() const { return source_.get_token(); }

  private:
    std::stop_source source_;
    std::jthread thread_;  // last: it uses the source
};

}  // namespace pwlog
