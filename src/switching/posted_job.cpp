// SPDX-License-Identifier: MIT
#include "switching/posted_job.h"

#include <condition_variable>
#include <memory>
#include <mutex>

#include "sampling/sampled_pdu.h"

namespace pwlog {
namespace {

/// What waiter and worker both know; either may be gone first.
struct Progress {
    enum class Stage { posted, begun, done, abandoned };
    std::mutex mutex;
    std::condition_variable_any changed;
    Stage stage = Stage::posted;

    /// Moves on from `from`; false where it is elsewhere by now.
    bool advance(Stage from, Stage to) {
        {
            const std::lock_guard lock(mutex);
            if (stage != from) {
                return false;
            }
            stage = to;
        }
        changed.notify_all();
        return true;
    }
};

}  // namespace

Result<void> run_on(Sampler& sampler,
                    const std::function<void(SampledDevice&, const std::stop_token&)>& job,
                    std::chrono::milliseconds takes, const std::stop_token& stop) {
    using Stage = Progress::Stage;
    const auto progress = std::make_shared<Progress>();
    sampler.post(
        [progress, job](SampledDevice& device, const std::stop_token& sampler_stop) {
            if (progress->advance(Stage::posted, Stage::begun)) {
                job(device, sampler_stop);
                (void)progress->advance(Stage::begun, Stage::done);
            }
        },
        takes);
    {
        std::unique_lock lock(progress->mutex);
        if (progress->changed.wait(lock, stop, [&] { return progress->stage == Stage::done; })) {
            return {};
        }
    }
    if (progress->advance(Stage::posted, Stage::abandoned)) {
        return fail(ErrorKind::stopped, "asked to stop before the device was free");
    }
    // It has begun and uses what is the caller's: its own deadlines end it soon.
    std::unique_lock lock(progress->mutex);
    progress->changed.wait(lock, [&] { return progress->stage == Stage::done; });
    return {};
}

PduRunner runner_on(Sampler& sampler) {
    return [&sampler](const PduJob& job, std::chrono::milliseconds takes,
                      const std::stop_token& stop) {
        return run_on(
            sampler,
            [&job](SampledDevice& device, const std::stop_token& sampler_stop) {
                job(dynamic_cast<SampledPdu&>(device).device(), sampler_stop);
            },
            takes, stop);
    };
}

PduRunner runner_on(PduDevice& device) {
    return [&device](const PduJob& job, std::chrono::milliseconds,
                     const std::stop_token& stop) -> Result<void> {
        job(device, stop);
        return {};
    };
}

}  // namespace pwlog
