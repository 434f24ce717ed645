// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "protocol/ats.h"
#include "protocol/pdu.h"

namespace pwlog {

/// When a cycle was read: the moment its first answer was complete is the time of all its
/// documents.
struct CycleTime {
    WallTime first_answer;
    std::chrono::nanoseconds duration{};  ///< from the first question to the last answer
    /// The machine's, at the first answer: what lies between two readings is measured by it.
    std::optional<std::chrono::milliseconds> uptime{};
};

/// One whole cycle of the PDU: all or nothing.
struct PduReading {
    CycleTime time;
    pdu::Status status;
    pdu::ActivePower active_power;
    pdu::ApparentPower apparent_power;
    pdu::Energy energy;
    std::optional<pdu::Countdowns> countdowns;  ///< only asked while an outlet counts down
};

/// A reading of the PDU between two documents.
struct PduFastReading {
    WallTime first_answer;
    pdu::Status status;
    pdu::ActivePower active_power;
};

/// One whole cycle of the ATS.
struct AtsReading {
    CycleTime time;
    ats::Measurements measurements;
    ats::Status status;
};

}  // namespace pwlog
