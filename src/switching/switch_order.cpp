// SPDX-License-Identifier: MIT
#include "switching/switch_order.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "switching/outlet_states.h"

namespace pwlog {
namespace {

using pdu::OutletChoice;
using pdu::OutletState;
using pdu::SetCommand;
using pdu::SwitchPermit;
using std::chrono::minutes;
using std::chrono::seconds;
using Action = SwitchOrder::Action;

constexpr auto usual_delay_to_on = seconds(6);
constexpr auto restore_at_once = seconds(1);  // what the device makes of R0000

constexpr std::array<std::pair<Action, std::string_view>, 4> words{{
    {Action::on, "on"},
    {Action::off, "off"},
    {Action::cycle, "cycle"},
    {Action::cancel, "cancel"},
}};

enum class Step { nothing, shut_down, cancel };

bool can_be_cycled(OutletState state) {
    return state != OutletState::off && state != OutletState::locked;
}

Step step_for(const SwitchOrder& order, OutletState state) {
    if (order.in_any_state) {
        return order.action == Action::cancel ? Step::cancel : Step::shut_down;
    }
    switch (order.action) {
        case Action::on:  // what is about to go off and is kept from it stays on
            return is_powered(state)           ? Step::nothing
                   : is_counting_to_off(state) ? Step::cancel
                                               : Step::shut_down;
        case Action::off:
            return state == OutletState::off ? Step::nothing : Step::shut_down;
        case Action::cycle:
            return can_be_cycled(state) ? Step::shut_down : Step::nothing;
        case Action::cancel:
            break;
    }
    return is_counting(state) ? Step::cancel : Step::nothing;
}

std::optional<minutes> restore_of(const SwitchOrder& order) {
    const bool ends_on = order.action == Action::on || order.action == Action::cycle;
    return ends_on ? std::optional(order.restore_after.value_or(minutes(0))) : order.restore_after;
}

Result<SetCommand> make_command(const SwitchOrder& order, const SwitchPermit& permit,
                                OutletChoice outlet, Step step) {
    return step == Step::cancel ? pdu::cancel_shutdown(permit, outlet)
                                : pdu::shutdown(permit, outlet, delay_of(order), restore_of(order));
}

/// An outlet that is off would come out of it on.
Result<void> check_cycle(const SwitchOrder& order, const OutletStates& states) {
    if (order.action != Action::cycle || order.in_any_state) {
        return {};
    }
    for (std::size_t index = 0; index < states.size(); ++index) {
        if (is_chosen(order.outlet, index) && can_be_cycled(states.at(index))) {
            return {};
        }
    }
    if (order.outlet.is_all()) {
        return fail(ErrorKind::invalid,
                    "no outlet is on, so none can be cycled: `on` turns them on");
    }
    const auto state = states.at(static_cast<std::size_t>(order.outlet.outlet() - 1));
    return fail(ErrorKind::invalid, fmt::format("outlet {} is {}: `on` turns it on",
                                                order.outlet.outlet(), pdu::to_keyword(state)));
}

}  // namespace

std::string_view to_word(Action action) {
    return std::find_if(words.begin(), words.end(),
                        [&](const auto& pair) { return pair.first == action; })
        ->second;
}

std::optional<Action> parse_action(std::string_view word) {
    const auto* found = std::find_if(words.begin(), words.end(),
                                     [&](const auto& pair) { return pair.second == word; });
    return found == words.end() ? std::nullopt : std::optional(found->first);
}

std::string digits_of(const OutletStates& states) {
    std::string digits;
    for (const auto state : states) {
        digits += static_cast<char>('0' + static_cast<int>(state));
    }
    return digits;
}

Result<void> check_switch(const SwitchOrder& order, const SwitchPermit& permit) {
    const auto step = order.action == Action::cancel ? Step::cancel : Step::shut_down;
    if (auto possible = make_command(order, permit, order.outlet, step); !possible) {
        return pass_on(possible);
    }
    if (order.action == Action::off && order.restore_after == minutes(0) && !order.in_any_state) {
        return fail(ErrorKind::invalid, "off and on again after one second is a cycle");
    }
    return {};
}

Result<std::vector<SetCommand>> plan_switch(const SwitchOrder& order, const SwitchPermit& permit,
                                            const OutletStates& states) {
    for (const auto& checked : {check_switch(order, permit), check_cycle(order, states)}) {
        if (!checked) {
            return pass_on(checked);
        }
    }
    const auto wanted = [&](std::size_t index) { return step_for(order, states.at(index)); };
    std::vector<std::pair<OutletChoice, Step>> steps;
    for (std::size_t index = 0; index < states.size(); ++index) {
        const auto outlet = OutletChoice::number(static_cast<int>(index) + 1);
        if (is_chosen(order.outlet, index)) {
            steps.emplace_back(*outlet, wanted(index));
        }
    }
    const bool alike = std::all_of(steps.begin(), steps.end(), [&](const auto& step) {
        return step.second == steps.front().second;
    });
    if (alike) {  // one command for all of them, so that they switch together
        steps = {{order.outlet, steps.front().second}};
    }
    std::vector<SetCommand> commands;
    for (const auto& [outlet, step] : steps) {
        if (step != Step::nothing) {
            auto command = make_command(order, permit, outlet, step);
            if (!command) {
                return pass_on(command);
            }
            commands.push_back(*std::move(command));
        }
    }
    return commands;
}

bool needs_command(const SwitchOrder& order, pdu::OutletState state) {
    return step_for(order, state) != Step::nothing;
}

std::string left_alone(const SwitchOrder& order, const OutletStates& states) {
    std::vector<std::string> outlets;
    for (std::size_t index = 0; index < states.size(); ++index) {
        const auto state = states.at(index);
        if (is_chosen(order.outlet, index) && !needs_command(order, state)) {
            outlets.push_back(fmt::format("{} ({})", index + 1, pdu::to_keyword(state)));
        }
    }
    return outlets.empty() ? ""
           : outlets.size() == 1
               ? fmt::format("left as it was: outlet {}", outlets.front())
               : fmt::format("left as they were: outlets {}", fmt::join(outlets, ", "));
}

bool is_cancelled_first(const SwitchOrder& order, OutletState state) {
    return order.action == Action::on && step_for(order, state) == Step::cancel;
}

Result<SetCommand> turn_on(const SwitchOrder& order, const SwitchPermit& permit,
                           OutletChoice outlet) {
    return make_command(order, permit, outlet, Step::shut_down);
}

seconds delay_of(const SwitchOrder& order) {
    return order.delay.value_or(order.action == Action::on ? usual_delay_to_on : seconds(0));
}

seconds countdown_of(const SwitchOrder& order) {
    if (order.action == Action::cancel) {
        return seconds(0);
    }
    const bool ends_off = order.action == Action::off;
    const auto restore = restore_of(order).value_or(minutes(0));
    return delay_of(order) + (ends_off ? seconds(0) : std::max<seconds>(restore, restore_at_once));
}

bool is_brief(const SwitchOrder& order) {
    return order.action == Action::cycle && restore_of(order) == minutes(0);
}

bool is_chosen(OutletChoice outlet, std::size_t index) {
    return outlet.is_all() || outlet.outlet() == static_cast<int>(index) + 1;
}

}  // namespace pwlog
