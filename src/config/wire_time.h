// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

#include "base/result.h"

namespace pwlog {

/// What is asked in one go.
enum class Cycle {
    pdu_full,  ///< QGS QPW QEC QPVA
    pdu_fast,  ///< QGS QPW
    ats,       ///< QATS QAS, in full and fast cycles alike
};

/// How long one cycle keeps the line busy at 2400 baud, and the pauses between answer and question.
std::chrono::milliseconds shortest_interval(Cycle cycle, std::chrono::milliseconds query_gap);

/// Whether a device can be asked that often; if not, the error (invalid) shows the sum.
Result<void> check_interval(Cycle cycle, std::chrono::milliseconds interval,
                            std::chrono::milliseconds query_gap);

}  // namespace pwlog
