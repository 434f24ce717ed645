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

using PduJob = std::function<void(PduDevice&, const std::stop_token&)>;

/// The way to a PDU: where nobody else talks to it.
class PduLine {
  public:
    virtual ~PduLine() = default;
    /// Returns when the job is done; `takes`: how long it usually does. `stopped` where it never
    /// began.
    virtual Result<void> run(const PduJob& job, std::chrono::milliseconds takes,
                             const std::stop_token& stop) = 0;
};

/// In a daemon: between the cycles of whatever sampler has the PDU when the job is to begin, as a
/// reload puts another in its place. Thread-safe.
class CurrentSampler final : public PduLine {
  public:
    /// Null: nobody reads it any more.
    void set(std::shared_ptr<Sampler> sampler);
    Result<void> run(const PduJob& job, std::chrono::milliseconds takes,
                     const std::stop_token& stop) override;

  private:
    std::shared_ptr<Sampler> after(const Sampler* ended, const std::stop_token& stop);

    std::mutex mutex_;  // sampler_
    std::condition_variable_any changed_;
    std::shared_ptr<Sampler> sampler_;
};

/// Where nobody else talks to it: on the caller's thread.
class DirectPdu final : public PduLine {
  public:
    explicit DirectPdu(PduDevice& device) : device_(device) {}
    Result<void> run(const PduJob& job, std::chrono::milliseconds,
                     const std::stop_token& stop) override {
        job(device_, stop);
        return {};
    }

  private:
    PduDevice& device_;
};

}  // namespace pwlog
