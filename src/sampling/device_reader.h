// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sampling/chronicle.h"
#include "sampling/recorder.h"
#include "sampling/sampled_device.h"

namespace pwlog {

/// What one sampler is doing, for `status`.
struct SamplerStatus {
    std::string device;
    std::string model;
    bool reachable = false;
    std::optional<Timestamp> last_sample;
    std::string last_error;
    std::optional<ErrorKind> last_error_kind;  ///< none where there is no last error
    std::uint64_t cycles = 0;                  ///< read and committed
    std::uint64_t failed = 0;                  ///< not readable after all retries
    std::uint64_t late = 0;                    ///< ticks skipped
    SessionCounters line;
    std::vector<Document> last_documents;
};

/// Reads a device when it is told to, and keeps what comes of it: samples, events, and how the
/// device is doing. One thread; the status from any.
class DeviceReader {
  public:
    /// `port`: as configured. `longest_gap`: what changed over a longer time without a reading was
    /// not observed.
    DeviceReader(std::unique_ptr<SampledDevice> device, Recorder& recorder, std::string port,
                 std::chrono::milliseconds longest_gap, const Clock& clock);

    SampledDevice& device() const { return *device_; }
    Chronicle& chronicle() { return chronicle_; }
    /// Who is shown each cycle as well; before the first. Must outlive the reader.
    void set_witness(Witness* witness) { witness_ = witness; }

    /// Whether its line is open; where it has none, it always is.
    bool is_open() const;
    /// Opens it; what fails once is told, and waits longer each time.
    void try_to_open(const std::stop_token& stop);
    SteadyTime next_try() const { return next_try_; }
    void close();

    /// Reads a cycle and commits it; returns when its first answer was complete. A failure is
    /// logged, counted and an event.
    Result<SteadyTime> read_cycle(const std::stop_token& stop);
    /// A reading from which only events and extremes are kept; false where it failed.
    bool read_fast(const std::stop_token& stop);
    /// One cycle with the first detail before it, which is what the documents themselves carry.
    Result<void> read_once(const std::stop_token& stop);

    bool has_sampled() const { return cycles_ > 0; }
    int failures_in_a_row() const { return chronicle_.failures_in_a_row(); }

    SamplerStatus status() const;
    /// What the line counts, and the ticks that were skipped so far, into the status.
    void publish_counters(std::uint64_t late);

  private:
    Result<void> open(const std::stop_token& stop);
    Result<void> keep(Timestamp wanted);
    void succeeded(Timestamp time, const CycleRecord& sample);
    void failed(const Error& error);

    std::unique_ptr<SampledDevice> device_;
    Recorder& recorder_;
    Witness* witness_ = nullptr;
    std::string port_;
    const Clock& clock_;
    Chronicle chronicle_;
    std::uint64_t cycles_ = 0;  // read and committed
    SteadyTime next_try_{};
    std::chrono::milliseconds backoff_{};
    mutable std::mutex mutex_;  // status_
    SamplerStatus status_;
};

}  // namespace pwlog
