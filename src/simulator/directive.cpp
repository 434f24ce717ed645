// SPDX-License-Identifier: MIT
#include "simulator/directive.h"

#include <fmt/format.h>

#include <utility>

#include "base/printable.h"

namespace pwlog::simulator {
namespace {

template <class T>
Result<Action> as_action(Result<T> parsed) {
    if (!parsed) {
        return pass_on(parsed);
    }
    return Action(std::move(*parsed));
}

Result<Action> parse_unplug(Words& words) {
    if (words.at_end()) {
        return Action(Unplug{});
    }
    auto duration = words.take_duration("how long");
    if (!duration) {
        return pass_on(duration);
    }
    return Action(Unplug{*duration});
}

Result<Action> parse_think(Words& words) {
    auto delay = words.take_duration("the device's own delay");
    if (!delay) {
        return pass_on(delay);
    }
    return Action(Think{*delay});
}

/// `CMD N TOKEN`, `CMD off`
Result<Action> parse_force(Words& words) {
    constexpr int most_tokens = 100;
    auto command = words.take("a command");
    if (!command) {
        return pass_on(command);
    }
    if (words.take_if("off")) {
        return Action(ForceToken{*command, 0, std::nullopt});
    }
    auto number = words.take_whole("the token's number, or off", 1, most_tokens);
    if (!number) {
        return pass_on(number);
    }
    auto text = words.take("the token's text");
    if (!text) {
        return pass_on(text);
    }
    return Action(ForceToken{*command, static_cast<std::size_t>(*number - 1), *text});
}

/// `CMD PAYLOAD…`, `CMD off`
Result<Action> parse_answer(Words& words) {
    auto command = words.take("a command");
    if (!command) {
        return pass_on(command);
    }
    const auto payload = words.take_rest();
    if (payload.empty()) {
        return fail(ErrorKind::invalid, "the payload to answer with, or off, is missing");
    }
    return Action(FixAnswer{*command, payload == "off" ? std::nullopt : std::optional(payload)});
}

Result<Action> parse_setting(Words& words) {
    if (words.take_if("outlet")) {
        return as_action(parse_outlet_order(words));
    }
    if (words.take_if("pdu")) {
        return as_action(parse_pdu_setting(words));
    }
    if (words.take_if("ats")) {
        return as_action(parse_ats_setting(words));
    }
    return fail(ErrorKind::invalid,
                fmt::format("set: outlet, pdu or ats expected, got '{}'", printable(words.peek())));
}

Result<Action> parse_action(Words& words) {
    if (words.take_if("fault")) {
        return words.take_if("off") ? Action(FaultsOff{}) : as_action(parse_fault(words));
    }
    if (words.take_if("unplug")) return parse_unplug(words);
    if (words.take_if("plug")) return Action(Plug{});
    if (words.take_if("think")) return parse_think(words);
    if (words.take_if("force")) return parse_force(words);
    if (words.take_if("answer")) return parse_answer(words);
    if (words.take_if("set")) return parse_setting(words);
    if (words.take_if("pdu")) return as_action(parse_pdu_order(words));
    if (words.take_if("ats")) return as_action(parse_ats_order(words));
    return fail(ErrorKind::invalid,
                fmt::format("fault, unplug, plug, think, force, answer, set, pdu or ats expected, "
                            "got '{}'",
                            printable(words.peek())));
}

}  // namespace

Result<Directive> parse_directive(std::string_view text) {
    Words words(text);
    std::string device;
    if (words.take_if("on")) {
        auto name = words.take("a device's name");
        if (!name) {
            return pass_on(name);
        }
        device = *name;
    }
    auto action = parse_action(words);
    if (!action) {
        return pass_on(action);
    }
    if (auto finished = words.finish(); !finished) {
        return pass_on(finished);
    }
    return Directive{std::move(device), std::move(*action)};
}

}  // namespace pwlog::simulator
