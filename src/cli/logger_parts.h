// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "base/shared.h"
#include "config/config.h"
#include "daemon/agent.h"
#include "daemon/mqtt_parts.h"
#include "daemon/reload.h"
#include "daemon/witness_relay.h"
#include "shipping/shipper.h"
#include "spool/spool.h"

namespace pwlog {

/// The parts of a process that reads and ships, in the order in which they are made.
struct LoggerParts {
    SystemClock clock;
    std::unique_ptr<Spool> spool;
    std::unique_ptr<Shipper> shipper;
    std::unique_ptr<WitnessRelay> relay;
    std::unique_ptr<Agent> agent;
    Shared<MqttParts> mqtt;  // of the daemon only, and only if configured
    Reload reload;
};

/// Makes all of it; a message and an exit status where that fails.
std::optional<int> assemble(const Config& config, LoggerParts& parts, const std::stop_token& stop);

/// Whether others write documents of these devices, as far as shipping knows: an event.
void tell_of_conflicts(const LoggerParts& parts);

}  // namespace pwlog
