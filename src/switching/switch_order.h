// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/command.h"
#include "protocol/pdu.h"

namespace pwlog {

/// What somebody wants of an outlet, or of all of them.
struct SwitchOrder {
    enum class Action {
        on,      ///< powered; what counts down to its end is cancelled
        off,     ///< not powered; with `restore_after` on again later
        cycle,   ///< off, and on again after `restore_after`
        cancel,  ///< no countdown any more
    };

    Action action = Action::off;
    pdu::OutletChoice outlet = pdu::OutletChoice::all();
    /// Until the outlet goes off; none: at once, and 6 s for `on`, the one the family is known to
    /// turn on by (`S,<o>.1R0000`).
    std::optional<std::chrono::seconds> delay{};
    /// From off to on; none: after one second, and never for `off`.
    std::optional<std::chrono::minutes> restore_after{};
    /// Send the command itself, whatever the outlets show: the library's `shutdown` methods.
    bool in_any_state = false;
    /// Wait until the device shows the new state.
    bool wait = true;
    std::string requested_by;  ///< a user's name, an MQTT client
    std::string method;        ///< `cli`, `mqtt`
    /// What was asked, as it came, where that is no action: only to be refused.
    std::string asked{};
};

/// `on`, `off`, `cycle`, `cancel`.
std::string_view to_word(SwitchOrder::Action action);
std::optional<SwitchOrder::Action> parse_action(std::string_view word);

using OutletStates = std::array<pdu::OutletState, pdu::outlet_count>;

/// The eight digits as QGS has them.
std::string digits_of(const OutletStates& states);

/// What is wrong with an order whatever the outlets show: denied (the permit lacks the outlet),
/// invalid (a delay that the device does not know).
Result<void> check_switch(const SwitchOrder& order, const pdu::SwitchPermit& permit);

/// Whether an outlet that shows this needs a command.
bool needs_command(const SwitchOrder& order, pdu::OutletState state);

/// The commands that bring the outlets from what they show to what is wanted; none where they are
/// as wanted. Errors: as check_switch(), and invalid where there is nothing to be cycled.
Result<std::vector<pdu::SetCommand>> plan_switch(const SwitchOrder& order,
                                                 const pdu::SwitchPermit& permit,
                                                 const OutletStates& states);

/// Which of the outlets asked for need nothing, and what they show: `left as they were: outlets 4
/// (off), 7 (off)`; empty where each needs something.
std::string left_alone(const SwitchOrder& order, const OutletStates& states);

/// Whether `on` meets an outlet that counts down to off. That is cancelled; where it comes too late
/// and the outlet is seen off, turn_on() follows.
bool is_cancelled_first(const SwitchOrder& order, pdu::OutletState state);
/// What turns one outlet on that is off.
Result<pdu::SetCommand> turn_on(const SwitchOrder& order, const pdu::SwitchPermit& permit,
                                pdu::OutletChoice outlet);

/// From the command until the outlet goes off, and until it has its last state.
std::chrono::seconds delay_of(const SwitchOrder& order);
std::chrono::seconds countdown_of(const SwitchOrder& order);
/// A cycle that keeps the outlet off for one second: a look now and then would miss it.
bool is_brief(const SwitchOrder& order);

/// Whether the choice has the outlet at this place of a list.
bool is_chosen(pdu::OutletChoice outlet, std::size_t index);

}  // namespace pwlog
