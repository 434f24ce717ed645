// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "simulator/ats_simulator.h"
#include "simulator/pdu_simulator.h"
#include "simulator/words.h"

namespace pwlog::simulator {

/// What a script changes inside a model; the model has been brought up to the moment before.
using PduOrder = std::function<void(PduSimulator&)>;
using AtsOrder = std::function<void(AtsSimulator&)>;

/// Behind `set outlet`.
PduOrder parse_outlet_order(Words& words);
/// Behind `set pdu`.
PduOrder parse_pdu_setting(Words& words);
/// Behind `pdu`.
PduOrder parse_pdu_order(Words& words);
/// Behind `set ats`.
AtsOrder parse_ats_setting(Words& words);
/// Behind `ats`.
AtsOrder parse_ats_order(Words& words);

}  // namespace pwlog::simulator
