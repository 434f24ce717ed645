// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mqtt/connection.h"
#include "switching/switch_order.h"

namespace pwlog {

/// A message on a topic for commands, as it was understood.
struct Command {
    std::string device;     ///< device.id of the PDU
    SwitchOrder order{};    ///< of an outlet there is none of: for all, and refused
    std::string refusal{};  ///< why nothing is to be done; empty: it may be carried out
};

/// The topics on which a PDU whose topics are below `above` takes commands.
std::vector<std::string> command_filters(const std::string& above);

/// `<above>/pdu/outlet/out1/set` with `0`, `1`, `OFF` or `ON`, or `…/cancel` with `PRESS`, and
/// neither empty nor kept by the broker: a command from last year must not switch when we connect
/// again. `devices`: device.id by what is above. None: not a topic for commands.
std::optional<Command> parse_command(const std::map<std::string, std::string>& devices,
                                     const Incoming& message);

}  // namespace pwlog
