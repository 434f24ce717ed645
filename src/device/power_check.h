// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "protocol/pdu.h"

namespace pwlog {

/// QPW and QPVA have the same shape and no checksum, so a late or wrong answer can pass for the
/// other. What gives it away: an active power above the apparent power, or nine equal pairs that
/// are not all zero. Both can also be true of an odd meter, so the caller asks again before it
/// believes or refuses.
bool is_power_suspicious(const pdu::ActivePower& active, const pdu::ApparentPower& apparent);

/// The two readings of power that belong together.
struct PowerPair {
    pdu::ActivePower active;
    pdu::ApparentPower apparent;
};

/// An answer to QPVA stands where QPW's should, or the other way round, by all that can be told: it
/// is nearer to what the other was before than to what it was itself. Without a reading before:
/// the two are nearly the same. A load may also have changed by just that much, so the caller asks
/// again.
bool is_power_swapped(const PowerPair& now, const std::optional<PowerPair>& before);

/// The same of QPW alone.
bool is_power_swapped(const pdu::ActivePower& now, const PowerPair& before);

/// A counter that fell, or rose by more than the load could have drawn in `elapsed`: damage, or a
/// cleared counter. The caller asks again.
bool is_energy_suspicious(const pdu::Energy& before, const pdu::Energy& now,
                          std::chrono::seconds elapsed);

/// Two readings of the counters taken one after the other agree within one step of 0.1 kWh.
bool is_energy_same(const pdu::Energy& one, const pdu::Energy& other);

}  // namespace pwlog
