// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "document/sample_pace.h"
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

    /// From now on by the times of the samples themselves, also those of earlier processes, and not
    /// by the interval that is configured: for `once`, whose interval is its timer's.
    void go_by_own_pace() { by_own_pace_ = true; }
    /// What changed over a longer time without a reading was not observed.
    std::chrono::milliseconds longest_gap() const;

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
    bool is_watched_until(Timestamp time, SteadyTime now) const;
    std::string pace_key() const { return device_.tag().id + "/pace"; }
    std::string reachability_key() const { return device_.tag().id + "/reachability"; }

    SampledDevice& device_;
    Recorder& recorder_;
    std::chrono::milliseconds longest_gap_;
    const Clock& clock_;
    Reachability reachability_;
    SamplePace pace_;
    bool by_own_pace_ = false;
    bool has_tried_ = false;                // to read, in this process
    std::optional<SteadyTime> watched_at_;  // the last reading; none where it was away since
};

}  // namespace pwlog
