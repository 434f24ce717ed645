// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/moment.h"

namespace pwlog::simulator {

/// What a device makes of its questions. Knows no port, no framing and no faults; one thread at a
/// time. Time is told to it and never goes back.
class DeviceModel {
  public:
    virtual ~DeviceModel() = default;

    /// The payload of the answer, none where the device stays silent. Carries out set commands.
    virtual std::optional<std::string> answer(std::string_view command, const Moment& now) = 0;

    /// Questions that change nothing, for answering the wrong one.
    virtual std::vector<std::string> queries() const = 0;
};

}  // namespace pwlog::simulator
