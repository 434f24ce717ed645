// SPDX-License-Identifier: MIT
#include "switching/switch_goal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "switching/outlet_states.h"

namespace pwlog {

using pdu::OutletChoice;
using pdu::OutletState;
using Action = SwitchOrder::Action;

SwitchGoal::SwitchGoal(const SwitchOrder& order, const OutletStates& before)
    : order_(order), states_(before) {
    for (std::size_t index = 0; index < before.size(); ++index) {
        concerned_.at(index) =
            is_chosen(order.outlet, index) && needs_command(order, before.at(index));
        was_going_off_.at(index) = is_counting_to_off(before.at(index));
    }
}

void SwitchGoal::see(const OutletStates& states, SteadyTime now) {
    states_ = states;
    for (std::size_t index = 0; index < states.size(); ++index) {
        was_off_.at(index) = was_off_.at(index) || is_off(states.at(index));
        went_on_.at(index) = went_on_.at(index) || is_counting(states.at(index));
        was_kept_.at(index) =
            was_kept_.at(index) ||
            (!is_counting(states.at(index)) && ends_.at(index) && now < *ends_.at(index) &&
             !(went_on_.at(index) && is_off(states.at(index))));
    }
}

bool SwitchGoal::is_reached() const {
    bool reached = true;
    for (std::size_t index = 0; index < states_.size(); ++index) {
        reached = reached && (is_reached(index) || !concerned_.at(index));
    }
    return reached;
}

bool SwitchGoal::is_lost() const {
    bool is_over = order_.action == Action::cancel;
    for (std::size_t index = 0; index < states_.size(); ++index) {
        is_over = is_over && !(concerned_.at(index) && is_counting(states_.at(index)));
    }
    return is_over && !is_reached();
}

std::vector<int> SwitchGoal::in_doubt() const {
    std::vector<int> outlets;
    for (std::size_t index = 0; index < states_.size(); ++index) {
        if (order_.action == Action::cancel && concerned_.at(index) && was_going_off_.at(index) &&
            !was_kept_.at(index) &&
            (is_powered(states_.at(index)) ? !was_off_.at(index)
                                           : !went_on_.at(index) && is_off(states_.at(index)))) {
            outlets.push_back(static_cast<int>(index) + 1);
        }
    }
    return outlets;
}

std::string SwitchGoal::unseen() const {
    std::size_t missing = 0;
    for (std::size_t index = 0; index < states_.size(); ++index) {
        missing += concerned_.at(index) && !is_reached(index) ? 1 : 0;
    }
    if (const auto outlets = in_doubt(); !outlets.empty() && outlets.size() == missing) {
        return fmt::format(
            "outlet {} may have gone off before the command was there, or have been off before its "
            "countdown; ",
            fmt::join(outlets, ", "));
    }
    const auto outlets = never_off(order_.outlet);
    return order_.action == Action::cycle && !outlets.empty()
               ? fmt::format("outlet {} was never seen off; ", fmt::join(outlets, ", "))
               : "";
}

std::vector<int> SwitchGoal::never_off(OutletChoice outlet) const {
    std::vector<int> outlets;
    for (std::size_t index = 0; index < states_.size(); ++index) {
        if (concerned_.at(index) && is_chosen(outlet, index) && !was_off_.at(index)) {
            outlets.push_back(static_cast<int>(index) + 1);
        }
    }
    return outlets;
}

bool SwitchGoal::is_reached(std::size_t index) const {
    const auto state = states_.at(index);
    switch (order_.action) {
        case Action::on:
            return is_powered(state);
        case Action::off:
            return state == OutletState::off || (is_off(state) && order_.restore_after);
        case Action::cycle:
            return is_powered(state) && was_off_.at(index);
        case Action::cancel:
            break;
    }
    // One that shows no countdown any more may have come to its end, and be on again by now, as a
    // cycle leaves it: only what was seen before that is proof. What is off then was so before.
    return !is_counting(state) && (!was_going_off_.at(index) || was_kept_.at(index));
}

}  // namespace pwlog
