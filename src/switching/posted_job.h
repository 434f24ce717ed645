// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>

#include "base/result.h"
#include "sampling/sampler.h"

namespace pwlog {

/// What the waiter and the sampler's thread both know of a posted job; either may be gone first.
class JobTurn {
  public:
    /// The sampler's thread: whether the job is to be done now. `stop`: as the job gets it.
    bool begin(const std::stop_token& stop);
    void end() { (void)advance(Stage::begun, Stage::done); }
    /// The waiter: until it is done. Once it has begun it is seen through: it uses what is the
    /// waiter's, and its own deadlines end it soon.
    Result<void> wait(const std::stop_token& stop);

  private:
    enum class Stage { posted, begun, done, abandoned };
    bool advance(Stage from, Stage to);

    std::mutex mutex_;  // stage_
    std::condition_variable_any changed_;
    Stage stage_ = Stage::posted;
};

/// Does `job(device, stop)` on the sampler's thread, between two cycles, and returns when it is
/// done. What it `takes` decides whether it begins before the next tick or behind it (JobQueue).
/// `stopped` where a stop was requested, or the sampler ended, before it had begun, and then it
/// never does. Any thread but the sampler's own. The sampler must outlive the call.
template <class Job>
Result<void> run_on(Sampler& sampler, const Job& job, std::chrono::milliseconds takes,
                    const std::stop_token& stop) {
    const auto turn = std::make_shared<JobTurn>();
    sampler.post(
        [turn, &job](SampledDevice& device, const std::stop_token& sampler_stop) {
            if (turn->begin(sampler_stop)) {
                job(device, sampler_stop);
                turn->end();
            }
        },
        takes);
    return turn->wait(stop);
}

}  // namespace pwlog
