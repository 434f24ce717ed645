#pragma once

#include <string>

#include "agent/agent.h"
#include "agent/control_server.h"
#include "agent/shipper.h"
#include "mqtt/publisher.h"
#include "spool/spool.h"

namespace pwlog {

/// What a running daemon answers on its control socket. All of them must outlive the
/// server. `mqtt`: null where there is no broker.
ControlHandlers daemon_handlers(Agent& agent, Shipper& shipper, Spool& spool,
                                const Publisher* mqtt);

/// What the daemon is doing, as one line of JSON: `pwlog status --json`.
std::string status_json(const Agent& agent, const Shipper& shipper, Spool& spool,
                        const Publisher* mqtt);

}  // namespace pwlog
