// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "simulator/damage.h"
#include "simulator/device_model.h"
#include "simulator/directive.h"

namespace pwlog::simulator {

enum class DeviceKind { pdu, ats };

/// A device's answer to one request.
struct Answer {
    std::optional<std::string> meant;  ///< the payload; none where the device stays silent
    std::optional<FaultKind> fault;
    Transmission transmission;
};

/// A model with everything that can go wrong between it and the wire. Any thread.
class SimulatedDevice {
  public:
    struct Options {
        DeviceKind kind = DeviceKind::pdu;
        bool captures = false;
        std::uint64_t seed = 1;
        double time_factor = 1;
    };

    SimulatedDevice(const Options& options, const Clock& clock);

    DeviceKind kind() const { return kind_; }
    /// `command` without its CR.
    Answer answer(std::string_view command);

    void add_fault(const FaultRule& rule);
    void clear_faults();
    void force(const ForceToken& forced);
    void fix(const FixAnswer& fixed);
    /// `invalid` where the device is of the other kind, or only answers captures.
    Result<void> order(const PduOrder& order);
    Result<void> order(const AtsOrder& order);

  private:
    std::optional<std::string> meant_answer(std::string_view command, const Moment& now);
    std::string other_answer(std::string_view command, const Moment& now);

    DeviceKind kind_;
    std::mutex mutex_;  // guards what follows
    ModelClock clock_;
    std::unique_ptr<DeviceModel> model_;
    Dice dice_;
    FaultPlan faults_;
    std::map<std::string, std::map<std::size_t, std::string>, std::less<>> forced_;
    std::map<std::string, std::string, std::less<>> fixed_;
    std::string previous_frame_;
};

}  // namespace pwlog::simulator
