// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backfill/history/sample_context.h"
#include "backfill/map/sample_joiner.h"
#include "document/derive.h"
#include "document/energy.h"
#include "protocol/reading.h"

namespace pwlog {

/// What is known of a PDU besides its samples.
PduContext pdu_context(const std::string& id, const SampleContext& context);

bool is_pdu(const Sample& sample);  ///< or one of its outlets
/// A reading around a transfer.
bool is_capsule(const std::vector<Sample>& samples);

/// What one device showed at one time, kind by kind.
std::vector<Sample> samples_of(const JoinedSample& joined);
/// The meters' part of a reading.
PduReading meters_of(const std::vector<Sample>& samples);
const std::optional<IntervalEnergy>& of_channel(const PduEnergyMeter::Intervals& intervals,
                                                int outlet);

}  // namespace pwlog
