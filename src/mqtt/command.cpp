// SPDX-License-Identifier: MIT
#include "mqtt/command.h"

#include <fmt/format.h>

#include "base/printable.h"

namespace pwlog {
namespace {

using Action = SwitchOrder::Action;

constexpr std::string_view middle = "/pdu/outlet/";
constexpr std::string_view set = "/set";
constexpr std::string_view cancel = "/cancel";

std::optional<Action> action_of(bool cancels, std::string_view payload) {
    if (cancels) {
        return payload == "PRESS" ? std::optional(Action::cancel) : std::nullopt;
    }
    if (payload == "1" || payload == "ON") {
        return Action::on;
    }
    return payload == "0" || payload == "OFF" ? std::optional(Action::off) : std::nullopt;
}

/// `out3` is 3; all else is none.
std::optional<pdu::OutletChoice> outlet_of(std::string_view name) {
    if (name.size() != 4 || !name.starts_with("out")) {
        return std::nullopt;
    }
    const auto outlet = pdu::OutletChoice::number(name[3] - '0');
    return outlet ? std::optional(*outlet) : std::nullopt;
}

constexpr std::size_t most_shown = 20;

std::string refusal_of(const Incoming& message, bool has_outlet, std::optional<Action> action) {
    if (message.retained) {
        return "the message is retained: it could be of any age, and would come again with each "
               "connection";
    }
    if (!has_outlet) {
        return fmt::format("there is no such outlet: {}", printable(message.topic));
    }
    if (message.payload.empty()) {
        return "the message is empty";
    }
    if (!action) {
        return fmt::format("expected 0, 1, OFF or ON, or PRESS to cancel, got \"{}\"",
                           printable(message.payload, most_shown));
    }
    return {};
}

}  // namespace

std::vector<std::string> command_filters(const std::string& above) {
    return {fmt::format("{}{}+{}", above, middle, set),
            fmt::format("{}{}+{}", above, middle, cancel)};
}

std::optional<Command> parse_command(const std::map<std::string, std::string>& devices,
                                     const Incoming& message) {
    std::string_view topic = message.topic;
    const bool cancels = topic.ends_with(cancel);
    if (!cancels && !topic.ends_with(set)) {
        return std::nullopt;
    }
    topic.remove_suffix(cancels ? cancel.size() : set.size());
    const auto at = topic.rfind(middle);
    const auto device =
        at == topic.npos ? devices.end() : devices.find(std::string(topic.substr(0, at)));
    if (device == devices.end()) {
        return std::nullopt;
    }
    const auto outlet = outlet_of(topic.substr(at + middle.size()));
    const auto action = action_of(cancels, message.payload);
    Command command;
    command.device = device->second;
    command.order.method = "mqtt";
    command.order.requested_by = "mqtt";
    command.order.outlet = outlet.value_or(pdu::OutletChoice::all());
    command.order.action = action.value_or(Action::cancel);
    if (!action) {
        command.order.asked =
            message.payload.empty() ? "nothing" : printable(message.payload, most_shown);
    }
    command.refusal = refusal_of(message, outlet.has_value(), action);
    return command;
}

}  // namespace pwlog
