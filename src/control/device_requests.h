// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "control/control_server.h"
#include "daemon/agent.h"
#include "device/session.h"
#include "protocol/question.h"

namespace pwlog {

/// Adds what a daemon answers about its devices (see device_replies.h): their queries, their set
/// commands, their outlets. The agent must outlive the handlers.
void add_device_handlers(ControlHandlers& handlers, Agent& agent);

/// A query's payload, the same way for a daemon and without one: a known query's answer must make
/// sense, or it is asked again.
Result<std::string> ask_payload(Session& session, DeviceKind kind, std::string_view question,
                                const std::stop_token& stop);

/// A set command that switches no outlet; those that do are refused here, as they go through the
/// Switcher. `ACK` where the device took it.
Result<std::string> send_command(Session& session, std::string_view command,
                                 const std::stop_token& stop);

}  // namespace pwlog
