// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>

#include "base/result.h"
#include "device/pdu_device.h"
#include "switching/switch_order.h"

namespace pwlog {

/// The outlets' states as two answers in a row agree on those of `outlet`: one damaged digit could
/// have a running outlet switched. What such a look came to before (`known`) needs no second one
/// while nothing has changed. Error `garbled` where no two agree.
Result<OutletStates> read_outlets(PduDevice& device, pdu::OutletChoice outlet,
                                  const std::stop_token& stop, const OutletStates* known = nullptr);

/// When the countdowns to off of `outlet` end. The device is asked where no sample has shown it.
PduDevice::CountdownEnds read_ends(PduDevice& device, pdu::OutletChoice outlet,
                                   const OutletStates& states, const std::stop_token& stop);

}  // namespace pwlog
