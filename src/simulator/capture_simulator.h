// SPDX-License-Identifier: MIT
#pragma once

#include <map>

#include "simulator/device_model.h"

namespace pwlog::simulator {

/// Answers letter by letter what a real device answered, whatever happens; set commands get ACK and
/// do nothing. Memory, which nobody captured, is as it leaves the factory.
class CaptureSimulator final : public DeviceModel {
  public:
    static CaptureSimulator pdu();
    static CaptureSimulator ats();

    std::optional<std::string> answer(std::string_view command, const Moment& now) override;
    std::vector<std::string> queries() const override;

  private:
    using Answers = std::map<std::string, std::string, std::less<>>;
    CaptureSimulator(Answers answers, bool takes_commands)
        : answers_(std::move(answers)), takes_commands_(takes_commands) {}

    Answers answers_;
    bool takes_commands_;
};

}  // namespace pwlog::simulator
