// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "daemon/agent.h"

namespace pwlog {

/// The configuration as the agent wants it: what is where, how it is read, who says so.
AgentOptions agent_options(const Config& config);

/// host.name: the configured one, else the machine's own.
std::string agent_host_name(const Config& config);

/// `switchable`.
pdu::SwitchPermit switch_permit(const PduConfig& config);

/// The parts of it that a single command needs.
PduSetup pdu_setup(const PduConfig& config);
AtsSetup ats_setup(const AtsConfig& config);
UpsSetup ups_setup(const UpsConfig& config);

/// Makes `switchable` of a configuration that was read again what counts from now on; a PDU that is
/// no longer in it may not be switched at all. The agent must run.
void renew_permits(const Config& config, Agent& agent);

}  // namespace pwlog
