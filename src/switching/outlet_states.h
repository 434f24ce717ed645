// SPDX-License-Identifier: MIT
#pragma once

#include "protocol/pdu.h"

// What the states mean to who switches.
namespace pwlog {

inline bool is_powered(pdu::OutletState state) {
    return state == pdu::OutletState::on || state == pdu::OutletState::overload;
}

inline bool is_counting_to_off(pdu::OutletState state) {
    return state == pdu::OutletState::shutdown_active ||
           state == pdu::OutletState::shutdown_imminent;
}

inline bool is_counting(pdu::OutletState state) {
    return is_counting_to_off(state) || state == pdu::OutletState::restore_active;
}

inline bool is_off(pdu::OutletState state) {
    return state == pdu::OutletState::off || state == pdu::OutletState::restore_active;
}

}  // namespace pwlog
