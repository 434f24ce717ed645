// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "document/document.h"
#include "document/energy.h"
#include "document/sample.h"
#include "document/tariff.h"
#include "protocol/reading.h"

namespace pwlog {

/// What is known of a PDU besides its samples.
struct PduContext {
    DeviceTag device;
    std::array<std::string, pdu::outlet_count> outlet_names{};  ///< empty: `outlet 3`
    /// The outlets' alarm thresholds from the memory map, once it has been read.
    std::array<std::optional<Amperes>, pdu::outlet_count> outlet_alarm{};
    std::optional<Tariff> tariff{};
};

/// What is known of an ATS besides its samples.
struct AtsContext {
    DeviceTag device;
    /// Memory 18: the greatest angle at which it transfers; 0 where it does not look, none where it
    /// has not been read yet.
    std::optional<Degrees> acceptable_phases{};
};

/// Adds to a PDU's or an outlet's sample what follows from its values: power factor, load, the
/// outlet's name and number, its state as word and digit; and with `energy` interval_wh and cost.
/// What the sample says itself stays.
void derive(Sample& sample, const PduContext& context,
            const std::optional<IntervalEnergy>& energy = {});

/// The same for an ATS: the active source, where only the sources say it; `redundant`; with
/// `interval`, the time since the sample before, how long it stands for.
void derive(Sample& sample, const AtsContext& context,
            std::optional<std::chrono::milliseconds> interval = {});

/// Whether a UPS's status, in NUT's words (`OB LB DISCHRG`), has this one: `LB`, `RB`, `OVER`,
/// which all go with `OL` or `OB`. None while the status tells neither: `WAIT`, before the driver
/// has asked its UPS.
std::optional<bool> ups_has(std::string_view status, std::string_view word);
/// The same for `OB`, which only `OL` denies.
std::optional<bool> runs_on_battery(std::string_view status);
/// What follows from a UPS's status: whether it runs on battery, and whether that is low.
void derive_ups(FieldValues& values);

/// How long an ATS's or outlet's sample stands for, where nothing has said so yet.
void supply_interval(Sample& sample, std::chrono::milliseconds interval);

/// The time since the sample before; 0 where there is none or where that is a gap.
std::chrono::milliseconds interval_since(std::optional<Timestamp> before, Timestamp time,
                                         std::chrono::milliseconds longest_gap);

/// Beyond what the switch accepts it does not take over; a transfer's event has it under this name
/// too.
inline constexpr Field angle_between_sources = Field::ats_sync_angle_deg;

/// What keeps the other source from taking over now: `voltage_bad`, `freq_bad`, `wave_bad` of that
/// source, `sync_bad`, `angle`, `fault_mode`; `no_source` where the output hangs on neither. None
/// where the sample does not know enough to tell.
std::optional<std::vector<std::string>> obstacles_to_takeover(const FieldValues& values,
                                                              const AtsContext& context);

}  // namespace pwlog
