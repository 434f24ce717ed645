// SPDX-License-Identifier: MIT
#pragma once

#include "base/shared.h"
#include "config/config.h"
#include "daemon/agent.h"
#include "daemon/mqtt_parts.h"
#include "daemon/witness_relay.h"
#include "shipping/shipper.h"

namespace pwlog {

/// What a reload may change of a running daemon.
struct RenewableParts {
    Agent& agent;
    Shipper& shipper;
    WitnessRelay& relay;
    Shared<MqttParts>& mqtt;
    const Clock& clock;
};

/// Takes over what differs in `next` from `before`. A device that did not change is read on as if
/// nothing was; one that did is so between two of its cycles. Error: a secret that cannot be used,
/// or no thread can be made for what is new, and then nothing has changed. Where a thread is
/// lacking only then that was there before, the process ends as where one fails: better than half
/// of each.
Result<void> renew(const Config& before, const Config& next, const RenewableParts& parts);

}  // namespace pwlog
