// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include "sampling/sampled_device.h"

namespace pwlog {

/// What others want done on a device's own thread, in the order in which they asked. A job begins
/// where the time that it takes is left before the next tick; else the tick goes first, and the job
/// begins behind its cycle, whatever time is left then; behind the one after it where that cycle
/// was late itself; what must not wait before any. So a job costs no sample where the interval has
/// room for both, and the first in line waits no longer than two cycles and an interval, also where
/// each cycle reaches past the next tick. Not thread-safe.
class JobQueue {
  public:
    using Job = std::function<void(SampledDevice&, const std::stop_token&)>;

    /// `takes`: what is usual; 0 for what must not wait.
    void post(Job job, std::chrono::milliseconds takes) {
        jobs_.push_back({std::move(job), takes});
    }
    /// A cycle was read, begun at its tick or later.
    void cycle_done(bool was_late) {
        cycles_let_go_ = jobs_.empty() ? 0 : cycles_let_go_ + 1;
        is_owed_ = cycles_let_go_ > (was_late ? 1 : 0);
    }

    bool is_due(SteadyTime now, SteadyTime tick) const {
        return !jobs_.empty() && (is_owed_ || jobs_.front().takes == std::chrono::milliseconds(0) ||
                                  now + jobs_.front().takes <= tick);
    }
    /// None where none is due.
    std::optional<Job> take(SteadyTime now, SteadyTime tick) {
        if (!is_due(now, tick)) {
            return std::nullopt;
        }
        is_owed_ = false;
        cycles_let_go_ = 0;
        return take_any();
    }
    /// The first, due or not; none where there is none.
    std::optional<Job> take_any() {
        if (jobs_.empty()) {
            return std::nullopt;
        }
        Job job = std::move(jobs_.front().job);
        jobs_.pop_front();
        return job;
    }

  private:
    struct Posted {
        Job job;
        std::chrono::milliseconds takes;
    };
    std::deque<Posted> jobs_;
    int cycles_let_go_ = 0;  // before the first one
    bool is_owed_ = false;   // that was enough
};

}  // namespace pwlog
