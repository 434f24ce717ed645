// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <vector>

#include "cli/value_rows.h"
#include "protocol/ats.h"
#include "protocol/memory.h"
#include "protocol/pdu.h"

namespace pwlog {

using OutletNames = std::array<std::string, pdu::outlet_count>;

/// An answer under the keys of the Python library's README, numbers as numbers; where a key was
/// renamed in its history, both names are there.
ValueRows rows_of(const pdu::Model& model);
ValueRows rows_of(const pdu::Status& status, const OutletNames& names);
ValueRows rows_of(const pdu::ActivePower& power, const OutletNames& names);
ValueRows rows_of(const pdu::ApparentPower& power, const OutletNames& names);
ValueRows rows_of(const pdu::Energy& energy, const OutletNames& names);
ValueRows rows_of(const pdu::Countdowns& countdowns, const OutletNames& names);
ValueRows rows_of(const ats::Measurements& measurements);
ValueRows rows_of(const ats::Status& status);
ValueRows rows_of(const ats::Ratings& ratings);
/// Raw numbers, as the library gives them; people see the value in its unit, too.
ValueRows rows_of(const std::vector<MemoryValue>& values);
ValueRows protocol_rows(const std::string& id);
ValueRows firmware_rows(const std::string& version);

}  // namespace pwlog
