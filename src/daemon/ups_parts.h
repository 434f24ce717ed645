// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "config/config.h"
#include "mqtt/state_board.h"
#include "sampling/recorder.h"
#include "sampling/ups_reader.h"
#include "spool/spool.h"

namespace pwlog {

/// The readers of [[ups]], not started. `board`: who is shown what they read; may be null.
std::vector<std::unique_ptr<UpsReader>> make_ups_readers(const Config& config, Recorder& recorder,
                                                         Spool& spool, const Clock& clock,
                                                         StateBoard* board);

}  // namespace pwlog
