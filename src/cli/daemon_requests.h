#pragma once

#include <string>

#include "agent/agent.h"
#include "agent/control_server.h"
#include "agent/shipper.h"
#include "cli/mqtt_parts.h"
#include "spool/spool.h"

namespace pwlog {

/// What a running daemon answers on its control socket. All of them must outlive the
/// server. `mqtt`: null where there is no broker.
ControlHandlers daemon_handlers(Agent& agent, Shipper& shipper, Spool& spool,
                                const MqttParts* mqtt);

/// What the daemon is doing, as one line of JSON: `pwlog status --json`.
std::string status_json(const Agent& agent, const Shipper& shipper, Spool& spool,
                        const MqttParts* mqtt);

}  // namespace pwlog
