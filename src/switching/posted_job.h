// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "base/result.h"
#include "device/pdu_device.h"
#include "sampling/sampler.h"

namespace pwlog {

/// Does `job` on the sampler's thread, between two cycles, and returns when it is done. What it
/// `takes` decides whether it begins before the next tick or behind it (JobQueue). `stopped`
/// where a stop was requested before it had begun, and then it never does. Any thread but the
/// sampler's own. The sampler must outlive the call, and run: stop the callers before the agent.
Result<void> run_on(Sampler& sampler,
                    const std::function<void(SampledDevice&, const std::stop_token&)>& job,
                    std::chrono::milliseconds takes, const std::stop_token& stop);

/// How a PDU's own thread is reached: runs the job there and returns when it is done.
using PduJob = std::function<void(PduDevice&, const std::stop_token&)>;
using PduRunner = std::function<Result<void>(const PduJob&, std::chrono::milliseconds takes,
                                             const std::stop_token&)>;

/// In a daemon: between the cycles of the sampler, which has a PDU.
PduRunner runner_on(Sampler& sampler);
/// Where nobody else talks to it: on the caller's thread.
PduRunner runner_on(PduDevice& device);

}  // namespace pwlog
