// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "events/reachability.h"
#include "sampling/recorder.h"
#include "sampling/sampled_device.h"

namespace pwlog {

/// What happens to one device, told reading by reading to the recorder, together with what must be
/// known to go on after a restart. One thread.
class Chronicle {
  public:
    /// `port`: as configured. `longest_gap`: what changed over a longer time without a reading was
    /// not observed.
    Chronicle(SampledDevice& device, Recorder& recorder, std::string port,
              std::chrono::milliseconds longest_gap, const Clock& clock);

    /// Takes up what an earlier process left under these names.
    std::vector<std::string> state_keys() const;
    void restore(const std::string& key, const std::string& saved);

    /// The device was read, at `time`.
    void has_read(Timestamp time);
    /// It could not be read after all retries.
    void has_failed(const Error& error);

    /// What the next events are told by, to be kept with each sample.
    State state() const;

    bool is_unreachable() const { return reachability_.is_unreachable(); }
    int failures_in_a_row() const { return reachability_.failures_in_a_row(); }

  private:
    void tell(std::vector<Event> events, Timestamp time);
    void keep_readings();
    std::string reachability_key() const { return device_.tag().id + "/reachability"; }

    SampledDevice& device_;
    Recorder& recorder_;
    std::chrono::milliseconds longest_gap_;
    const Clock& clock_;
    Reachability reachability_;
    bool has_tried_ = false;                // to read, in this process
    std::optional<SteadyTime> watched_at_;  // the last reading; none where it was away since
};

}  // namespace pwlog
