// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "base/shared.h"
#include "control/control_server.h"
#include "daemon/agent.h"
#include "daemon/mqtt_parts.h"
#include "daemon/reload.h"
#include "shipping/shipper.h"
#include "spool/spool.h"

namespace pwlog {

/// What a running daemon is made of; all of it must outlive its control server.
struct DaemonParts {
    Agent& agent;
    Shipper& shipper;
    Spool& spool;
    const Shared<MqttParts>& mqtt;  ///< null where there is no broker
    Reload& reload;
};

/// What it answers on its control socket.
ControlHandlers daemon_handlers(const DaemonParts& parts);

/// What it is doing, as one line of JSON: `pwlog status --json`.
std::string status_json(const DaemonParts& parts);

}  // namespace pwlog
