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

    /// The device has accepted a command for these, by `now`. `ends`: of their countdowns to off.
    void was_accepted(pdu::OutletChoice outlet, const PduDevice::CountdownEnds& ends,
                      SteadyTime now);
    void see(const OutletStates& states);
    bool is_reached() const;
    /// It never will be: a countdown that was to be cancelled is over.
    bool is_lost() const;

    /// Of those whose countdown to off was to be cancelled, which were off at once, though it is
    /// not known to have had time left. They may have been so before it, as one is that was to be
    /// turned on, or the command came too late: they show the same.
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
    std::array<bool, pdu::outlet_count> concerned_{};
    std::array<bool, pdu::outlet_count> was_going_off_{};  // when the command was sent
    std::array<bool, pdu::outlet_count> was_in_time_{};    // its cancelling
    std::array<bool, pdu::outlet_count> went_on_{};        // its countdown, since then
    std::array<bool, pdu::outlet_count> was_off_{};
};

}  // namespace pwlog
