// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

#include "base/result.h"
#include "device/pdu_device.h"
#include "sampling/sampler.h"

namespace pwlog {

/// Does `job` on the sampler's thread, between two cycles, and returns when it is done. What it
/// `takes` decides whether it begins before the next tick or behind it (JobQueue). `stopped`
/// where a stop was requested, or the sampler ended, before it had begun, and then it never does.
/// Any thread but the sampler's own. The sampler must outlive the call.
Result<void> run_on(Sampler& sampler,
                    const std::function<void(SampledDevice&, const std::stop_token&)>& job,
                    std::chrono::milliseconds takes, const std::stop_token& stop);

/// How a PDU's own thread is reached: runs the job there and returns when it is done.
using PduJob = std::function<void(PduDevice&, const std::stop_token&)>;
using PduRunner = std::function<Result<void>(const PduJob&, std::chrono::milliseconds takes,
                                             const std::stop_token&)>;

/// The sampler that reads a PDU now: a reload puts another in its place. Thread-safe.
class CurrentSampler {
  public:
    /// Null: nobody reads it any more.
    void set(std::shared_ptr<Sampler> sampler);
    /// Another than `ended`, waited for; null where there is none any more, or a stop is requested.
    std::shared_ptr<Sampler> after(const Sampler* ended, const std::stop_token& stop) const;

  private:
    mutable std::mutex mutex_;  // sampler_
    mutable std::condition_variable_any changed_;
    std::shared_ptr<Sampler> sampler_;
};

/// In a daemon: between the cycles of whatever sampler has the PDU when the job is to begin.
PduRunner runner_on(std::shared_ptr<const CurrentSampler> current);
/// Where nobody else talks to it: on the caller's thread.
PduRunner runner_on(PduDevice& device);

}  // namespace pwlog
