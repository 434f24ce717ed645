// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "document/event.h"
#include "protocol/reading.h"

namespace pwlog::test {

/// `second` after a fixed moment.
Timestamp at(double second);

/// A PDU's status with these 16 characters, otherwise as captured.
pdu::Status pdu_status(const std::string& bits);
inline const std::string quiet_pdu_bits = "0000000011111111";

/// An ATS reading with these 24 characters, otherwise as captured; `angle` between the sources.
AtsReading ats_reading(const std::string& bits, int angle = 1);
inline const std::string quiet_ats_bits = "000000010000000000000000";

/// The characters with one replaced.
std::string with(std::string bits, std::size_t place, char character);

/// The only event of a list.
const Event& only(const std::vector<Event>& events);

/// The value of a detail as text: `true`, `3`, `voltage_bad,freq_bad`; empty where it is not there.
std::string detail(const Event& event, const std::string& name);

/// The names of what happened, in order.
std::vector<std::string> actions(const std::vector<Event>& events);

}  // namespace pwlog::test
