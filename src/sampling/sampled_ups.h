// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "events/ups_watch.h"
#include "sampling/nut_client.h"
#include "sampling/sampled_device.h"

namespace pwlog {

/// A UPS as its NUT server knows it. It has no line: each reading makes a connection of its own.
class SampledUps final : public SampledDevice {
  public:
    SampledUps(DeviceTag device, NutPlace place, const Clock& clock)
        : device_(std::move(device)), place_(std::move(place)), clock_(clock) {}

    const DeviceTag& tag() const override { return device_; }
    std::vector<std::string> state_keys() const override { return {alarms_key()}; }
    void restore(const std::string&, const std::string& saved) override { watch_.restore(saved); }
    Result<WallTime> read_cycle(const std::stop_token& stop) override;
    CycleRecord make_sample(const Origin& origin, Timestamp time) override;
    void show_to(Witness& witness) const override { witness.saw(device_, *reading_); }
    std::vector<Event> what_happened(const Moment& moment, bool observed) override;
    std::vector<Event> what_failed(const Error& error, Timestamp now) override;
    State state() const override { return {{alarms_key(), watch_.save()}}; }

  private:
    std::string alarms_key() const { return device_.id + "/alarms"; }

    DeviceTag device_;
    NutPlace place_;
    const Clock& clock_;
    UpsWatch watch_;
    std::optional<UpsReading> reading_;
};

}  // namespace pwlog
