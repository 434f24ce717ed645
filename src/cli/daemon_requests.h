#pragma once

#include <string>

#include "agent/agent.h"
#include "agent/control_server.h"
#include "agent/shipper.h"
#include "cli/mqtt_parts.h"
#include "cli/reload.h"
#include "cli/ups_parts.h"
#include "spool/spool.h"

namespace pwlog {

/// What a running daemon is made of; all of it must outlive its control server.
struct DaemonParts {
    Agent& agent;
    Shipper& shipper;
    Spool& spool;
    const std::vector<std::unique_ptr<UpsReader>>& ups;
    const MqttParts* mqtt;  ///< null where there is no broker
    Reload& reload;
};

/// What it answers on its control socket.
ControlHandlers daemon_handlers(const DaemonParts& parts);

/// What it is doing, as one line of JSON: `pwlog status --json`.
std::string status_json(const DaemonParts& parts);

}  // namespace pwlog
