// SPDX-License-Identifier: MIT
#include "switching/pdu_line.h"

#include "switching/posted_job.h"

namespace pwlog {

void CurrentSampler::set(std::shared_ptr<Sampler> sampler) {
    {
        const std::lock_guard lock(mutex_);
        sampler_ = std::move(sampler);
    }
    changed_.notify_all();
}

/// Another than `ended`, waited for; null where there is none any more, or a stop is requested.
std::shared_ptr<Sampler> CurrentSampler::after(const Sampler* ended, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const bool is_another =
        changed_.wait(lock, stop, [&] { return !sampler_ || sampler_.get() != ended; });
    return is_another ? sampler_ : nullptr;
}

Result<void> CurrentSampler::run(const PduJob& job, std::chrono::milliseconds takes,
                                 const std::stop_token& stop) {
    auto sampler = after(nullptr, stop);
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
        sampler = after(sampler.get(), stop);
    }
    return fail(ErrorKind::stopped, "the device is not read any more");
}

}  // namespace pwlog
