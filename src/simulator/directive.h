// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <variant>

#include "simulator/fault.h"
#include "simulator/model_orders.h"

namespace pwlog::simulator {

struct FaultsOff {};
/// Without a duration: until plugged in again.
struct Unplug {
    std::optional<std::chrono::nanoseconds> duration;
};
struct Plug {};
struct Think {
    std::chrono::nanoseconds delay;
};
/// Replaces one token of a command's answer; without text the answer is left alone again.
struct ForceToken {
    std::string command;
    std::size_t token = 0;  ///< from 0
    std::optional<std::string> text;
};
/// Replaces a command's whole payload; none: no longer.
struct FixAnswer {
    std::string command;
    std::optional<std::string> payload;
};

using Action = std::variant<FaultRule, FaultsOff, Unplug, Plug, Think, ForceToken, FixAnswer,
                            PduOrder, AtsOrder>;

/// One line of a script or of the control socket. docs/simulator.md has the grammar.
struct Directive {
    std::string device;  ///< its name; empty: every device it can concern
    Action action;
};

Result<Directive> parse_directive(std::string_view text);

}  // namespace pwlog::simulator
