// SPDX-License-Identifier: MIT
#include "simulator/directive.h"

#include <utility>

namespace pwlog::simulator {
namespace {

Action parse_unplug(Words& words) {
    return words.at_end() ? Unplug{} : Unplug{words.take_duration("how long")};
}

/// `CMD N TOKEN`, `CMD off`
Action parse_force(Words& words) {
    constexpr int most_tokens = 100;
    auto command = words.take("a command");
    if (words.take_if("off")) {
        return ForceToken{std::move(command), 0, std::nullopt};
    }
    const int number = words.take_whole("the token's number, or off", 1, most_tokens);
    return ForceToken{std::move(command), static_cast<std::size_t>(number - 1),
                      words.take("the token's text")};
}

/// `CMD PAYLOAD…`, `CMD off`
Action parse_answer(Words& words) {
    auto command = words.take("a command");
    auto payload =
        words.at_end() ? words.take("the payload to answer with, or off,") : words.take_rest();
    return FixAnswer{std::move(command),
                     payload == "off" ? std::nullopt : std::optional(std::move(payload))};
}

Action parse_setting(Words& words) {
    if (words.take_if("outlet")) return parse_outlet_order(words);
    if (words.take_if("pdu")) return parse_pdu_setting(words);
    if (words.take_if("ats")) return parse_ats_setting(words);
    words.refuse("set: outlet, pdu or ats expected");
    return {};
}

Action parse_action(Words& words) {
    if (words.take_if("fault")) {
        return words.take_if("off") ? Action(FaultsOff{}) : parse_fault(words);
    }
    if (words.take_if("unplug")) return parse_unplug(words);
    if (words.take_if("plug")) return Plug{};
    if (words.take_if("think")) return Think{words.take_duration("the device's own delay")};
    if (words.take_if("force")) return parse_force(words);
    if (words.take_if("answer")) return parse_answer(words);
    if (words.take_if("set")) return parse_setting(words);
    if (words.take_if("pdu")) return parse_pdu_order(words);
    if (words.take_if("ats")) return parse_ats_order(words);
    words.refuse("fault, unplug, plug, think, force, answer, set, pdu or ats expected");
    return {};
}

}  // namespace

Result<Directive> parse_directive(std::string_view text) {
    Words words(text);
    Directive directive;
    if (words.take_if("on")) {
        directive.device = words.take("a device's name");
    }
    directive.action = parse_action(words);
    if (auto finished = words.finish(); !finished) {
        return pass_on(finished);
    }
    return directive;
}

}  // namespace pwlog::simulator
