// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "config/config_reader.h"
#include "document/tariff.h"

namespace pwlog {

/// `tariff` and `currency` of a [[pdu]]: a number, or [[pdu.tariff]] sections with their bands.
void read_tariff(TableReader& pdu, std::optional<Tariff>& tariff);

}  // namespace pwlog
