// SPDX-License-Identifier: MIT
#pragma once

#include "protocol/reading.h"

namespace pwlog::test {

/// What protocol.md's captured answers decode to, with outlet 2 counting down and outlet 3
/// overloaded.
PduReading captured_pdu();
AtsReading captured_ats();

}  // namespace pwlog::test
