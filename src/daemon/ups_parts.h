// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config/config.h"
#include "daemon/witness_relay.h"
#include "sampling/ups_reader.h"
#include "spool/spool.h"

namespace pwlog {

/// The readers of all [[ups]].
using UpsReaders = std::vector<std::shared_ptr<UpsReader>>;

/// Makes those of the configuration, with what was remembered of each. Of `before` those that are
/// not named in `anew` go on. `relay` must outlive them; null: nobody is shown what they read.
UpsReaders make_ups_readers(const Config& config, Recorder& recorder, Spool& spool,
                            const Clock& clock, WitnessRelay* relay, const UpsReaders& before = {},
                            const std::set<std::string>& anew = {});

}  // namespace pwlog
