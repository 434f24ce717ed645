// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "device/ats_device.h"
#include "document/metric_documents.h"
#include "events/ats_watch.h"
#include "events/settings_watch.h"
#include "sampling/sampled_device.h"
#include "sampling/transfer_capsule.h"

namespace pwlog {

/// An ATS with what its memory says about taking over, and what is watched for events.
class SampledAts final : public SampledDevice {
  public:
    /// `longest_gap`: beyond it a sample does not stand for the time since the one before.
    /// `with_capsule`: keep the readings around each transfer.
    SampledAts(AtsDevice device, AtsContext context, std::chrono::milliseconds longest_gap,
               bool with_capsule);

    const DeviceTag& tag() const override { return context_.device; }
    Session* session() override { return &device_.session(); }
    std::vector<std::string> state_keys() const override;
    void restore(const std::string& key, const std::string& saved) override;
    void set_longest_gap(std::chrono::milliseconds gap) override { longest_gap_ = gap; }
    Result<WallTime> read_cycle(const std::stop_token& stop) override;
    CycleRecord make_sample(const Origin& origin, Timestamp time) override;
    void show_to(Witness& witness) const override;
    Result<WallTime> read_fast(const std::stop_token& stop) override;
    std::vector<Event> what_happened(const Moment& moment, bool observed) override;
    State state() const override;
    bool has_kept_readings() const override { return capsule_.has_kept(); }
    std::vector<std::pair<Timestamp, Document>> take_kept_readings(const Origin& origin) override;
    bool is_hurried(SteadyTime now) const override {
        return with_capsule_ && capsule_.is_open(now);
    }
    std::size_t detail_count() const override;
    std::size_t frequent_detail_count() const override { return 1; }
    Result<void> read_detail(std::size_t index, const std::stop_token& stop) override;

  private:
    Result<void> read_memory(int address, const std::stop_token& stop);
    void note(std::vector<Event> events);
    std::string watch_key() const { return context_.device.id + "/watch"; }
    std::string settings_key() const { return context_.device.id + "/settings"; }
    std::string last_key() const { return context_.device.id + "/last"; }

    AtsDevice device_;
    AtsContext context_;
    std::chrono::milliseconds longest_gap_;
    bool with_capsule_;
    AtsWatch watch_;
    SettingsWatch settings_;
    TransferCapsule capsule_;
    std::optional<AtsReading> reading_;
    std::optional<Timestamp> last_;     // of the sample before
    bool is_whole_ = false;             // the last reading becomes a regular document
    std::optional<Extremes> extremes_;  // since the last document, where there were fast readings
    std::vector<Event> noted_;          // found since the last were handed out
    bool phases_were_asked_ = false;
};

}  // namespace pwlog
