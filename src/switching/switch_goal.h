// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <vector>

#include "device/pdu_device.h"
#include "switching/switch_order.h"

namespace pwlog {

/// Tells from one QGS to the next whether all outlets concerned have come to the wanted state, by
/// what was seen of them and of no other.
class SwitchGoal {
  public:
    /// `before`: what they showed when the command was sent.
    SwitchGoal(const SwitchOrder& order, const OutletStates& before);

    /// Of the countdowns to off, as far as they are known; before the first command.
    void know_ends(const PduDevice::CountdownEnds& ends) { ends_ = ends; }
    void see(const OutletStates& states, SteadyTime now);
    bool is_reached() const;
    /// It never will be: a countdown that was to be cancelled is over.
    bool is_lost() const;

    /// Of those whose countdown to off was to be cancelled, and which are off, or on, without a
    /// proof that they were kept from going off. One that is off may have been so before, as one is
    /// that was to be turned on; one that is on may have been off for a moment.
    std::vector<int> in_doubt() const;
    /// Where it is not reached: what nobody could see of it, with a semicolon. Empty: it was seen
    /// to have failed.
    std::string unseen() const;
    /// Of those concerned, or of `outlet` if it is: seen off since.
    bool were_off(pdu::OutletChoice outlet) const { return never_off(outlet).empty(); }
    std::vector<int> never_off(pdu::OutletChoice outlet) const;

  private:
    bool is_reached(std::size_t index) const;

    SwitchOrder order_;
    OutletStates states_;
    PduDevice::CountdownEnds ends_{};
    std::array<bool, pdu::outlet_count> concerned_{};
    std::array<bool, pdu::outlet_count> was_going_off_{};  // when the command was sent
    std::array<bool, pdu::outlet_count> went_on_{};        // its countdown, since then
    std::array<bool, pdu::outlet_count> was_kept_{};  // seen without one while it had time left
    std::array<bool, pdu::outlet_count> was_off_{};
};

}  // namespace pwlog
