// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "device/pdu_device.h"
#include "document/metric_documents.h"
#include "events/pdu_watch.h"
#include "events/settings_watch.h"
#include "sampling/sampled_device.h"

namespace pwlog {

/// A PDU with its names, tariff, energy meters and what is watched for events.
class SampledPdu final : public SampledDevice {
  public:
    /// `longest_gap`: beyond it an interval's energy is the counter's difference.
    SampledPdu(PduDevice device, PduContext context, std::chrono::milliseconds longest_gap);

    const DeviceTag& tag() const override { return context_.device; }
    Session* session() override { return &device_.session(); }
    PduDevice* pdu() override { return &device_; }
    std::vector<std::string> state_keys() const override;
    void restore(const std::string& key, const std::string& saved) override;
    void set_longest_gap(std::chrono::milliseconds gap) override { longest_gap_ = gap; }
    Result<WallTime> read_cycle(const std::stop_token& stop) override;
    CycleRecord make_sample(const Origin& origin, Timestamp time) override;
    void show_to(Witness& witness) const override;
    Result<WallTime> read_fast(const std::stop_token& stop) override;
    std::vector<Event> what_happened(const Moment& moment, bool observed) override;
    State state() const override;
    std::size_t detail_count() const override;
    Result<void> read_detail(std::size_t index, const std::stop_token& stop) override;

  private:
    template <class Ask>
    Result<void> read_text(const std::string& name, const Ask& ask);
    void apply_memory(const std::vector<MemoryValue>& values);
    void restore_settings(const std::string& saved);
    void note_tariff();
    void note(std::vector<Event> events);
    std::string energy_key() const { return context_.device.id + "/energy"; }
    std::string watch_key() const { return context_.device.id + "/watch"; }
    std::string settings_key() const { return context_.device.id + "/settings"; }

    PduDevice device_;
    PduContext context_;
    std::chrono::milliseconds longest_gap_;
    PduEnergyMeter energy_;
    PduWatch watch_;
    SettingsWatch settings_;
    std::optional<PduReading> reading_;  // the last whole cycle
    std::optional<pdu::Status> status_;  // of the last reading, whole or fast
    bool is_whole_ = false;              // the last reading was a whole cycle
    std::optional<Extremes> extremes_;   // since the last documents, where there were fast readings
    std::vector<Event> noted_;           // found since the last were handed out
    bool tariff_is_noted_ = false;
};

}  // namespace pwlog
