// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "document/derive.h"
#include "protocol/reading.h"

namespace pwlog {

/// What was decoded from the wire as samples: the PDU's own, then its outlets 1 to 8.
std::vector<Sample> samples_of(const PduReading& reading, Timestamp time);

/// The same of a reading between two documents: only what is in it.
std::vector<Sample> samples_of(const pdu::Status& status, const pdu::ActivePower& power);

Sample sample_of(const AtsReading& reading, Timestamp time);

/// What keeps the other source from taking over, of a reading, which always knows enough to tell.
std::vector<std::string> obstacles_to_takeover(const AtsReading& reading,
                                               const AtsContext& context);
/// There are none.
bool is_redundant(const AtsReading& reading, const AtsContext& context);

}  // namespace pwlog
