// SPDX-License-Identifier: MIT
#include "switching/posted_job.h"

#include <condition_variable>
#include <memory>
#include <mutex>

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
            if (sampler_stop.stop_requested()) {
                (void)progress->advance(Stage::posted, Stage::abandoned);
            } else if (progress->advance(Stage::posted, Stage::begun)) {
                job(device, sampler_stop);
                (void)progress->advance(Stage::begun, Stage::done);
            }
        },
        takes);
    {
        std::unique_lock lock(progress->mutex);
        const auto is_over = [&] { return progress->stage >= Stage::done; };
        if (progress->changed.wait(lock, stop, is_over) && progress->stage == Stage::done) {
            return {};
        }
        if (progress->stage == Stage::abandoned) {
            return fail(ErrorKind::stopped, "the device is not read any more; ask again");
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

void CurrentSampler::set(std::shared_ptr<Sampler> sampler) {
    {
        const std::lock_guard lock(mutex_);
        sampler_ = std::move(sampler);
    }
    changed_.notify_all();
}

std::shared_ptr<Sampler> CurrentSampler::after(const Sampler* ended,
                                               const std::stop_token& stop) const {
    std::unique_lock lock(mutex_);
    const bool is_another =
        changed_.wait(lock, stop, [&] { return !sampler_ || sampler_.get() != ended; });
    return is_another ? sampler_ : nullptr;
}

PduRunner runner_on(std::shared_ptr<const CurrentSampler> current) {
    return [current = std::move(current)](const PduJob& job, std::chrono::milliseconds takes,
                                          const std::stop_token& stop) -> Result<void> {
        auto sampler = current->after(nullptr, stop);
        while (sampler) {
            auto ran = run_on(
                *sampler,
                [&job](SampledDevice& device, const std::stop_token& sampler_stop) {
                    job(*device.pdu(), sampler_stop);
                },
                takes, stop);
            if (ran || stop.stop_requested()) {
                return ran;
            }
            sampler = current->after(sampler.get(), stop);
        }
        return fail(ErrorKind::stopped, "the device is not read any more");
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
