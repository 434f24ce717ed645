// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "events/reachability.h"
#include "events/ups_watch.h"
#include "sampling/grid.h"
#include "sampling/nut_client.h"
#include "sampling/recorder.h"
#include "sampling/sampler.h"

namespace pwlog {

struct UpsSetup {
    DeviceTag device;
    NutPlace place;
    std::chrono::milliseconds interval{10'000};
};

/// Reads one UPS from its NUT server at fixed intervals, on a thread of its own, and commits a
/// document of each reading.
class UpsReader {
  public:
    /// `saw`: is shown each reading after its commit, and nothing where there was none; must return
    /// at once.
    using Witness = std::function<void(const DeviceTag&, const std::optional<UpsReading>&)>;

    UpsReader(UpsSetup setup, Recorder& recorder, const Clock& clock, Witness saw = nullptr);

    /// What an earlier process left under these names, before start().
    std::vector<std::string> state_keys() const { return {reachability_key(), alarms_key()}; }
    void restore(const std::string& key, const std::string& saved);

    /// Error: no thread can be made.
    Result<void> start();
    void request_stop() { thread_.request_stop(); }
    void join();

    /// One reading on the caller's thread, instead of start().
    Result<void> read_once(const std::stop_token& stop);

    SamplerStatus status() const;

  private:
    std::string reachability_key() const { return setup_.device.id + "/reachability"; }
    std::string alarms_key() const { return setup_.device.id + "/alarms"; }
    State state() const;
    void run(const std::stop_token& stop);
    Result<void> keep(const UpsReading& reading);
    void tell(std::vector<Event> events, Timestamp time);
    void failed(const Error& error);

    UpsSetup setup_;
    Recorder& recorder_;
    const Clock& clock_;
    Witness saw_;
    Grid grid_;
    Reachability reachability_;
    UpsWatch watch_;
    bool has_tried_ = false;
    mutable std::mutex mutex_;  // what follows
    SamplerStatus status_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pwlog
