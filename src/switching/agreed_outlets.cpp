// SPDX-License-Identifier: MIT
#include "switching/agreed_outlets.h"

#include <utility>

#include "switching/outlet_states.h"

namespace pwlog {

Result<OutletStates> read_outlets(PduDevice& device, pdu::OutletChoice outlet,
                                  const std::stop_token& stop, const OutletStates* known) {
    constexpr int most_questions = 4;
    const auto agree = [&](const OutletStates& one, const OutletStates& other) {
        return outlet.is_all() ? one == other
                               : one.at(static_cast<std::size_t>(outlet.outlet() - 1)) ==
                                     other.at(static_cast<std::size_t>(outlet.outlet() - 1));
    };
    auto status = device.read_status(stop);
    if (status && known != nullptr && agree(status->outlets, *known)) {
        return status->outlets;
    }
    for (int questions = 1; status && questions < most_questions; ++questions) {
        auto again = device.read_status(stop);
        if (again && agree(again->outlets, status->outlets)) {
            return again->outlets;
        }
        status = std::move(again);
    }
    return status ? fail(ErrorKind::garbled, "QGS shows other outlet states each time")
                  : pass_on(status);
}

PduDevice::CountdownEnds read_ends(PduDevice& device, pdu::OutletChoice outlet,
                                   const OutletStates& states, const std::stop_token& stop) {
    const auto known = device.countdown_ends();
    for (std::size_t index = 0; index < states.size(); ++index) {
        if (is_chosen(outlet, index) && is_counting_to_off(states.at(index)) && !known.at(index)) {
            (void)device.read_countdowns(stop);
            return device.countdown_ends();
        }
    }
    return known;
}

}  // namespace pwlog
