// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>

#include "control/daemon_status.h"

namespace pwlog {

/// How old the newest sample of a device and the oldest document that waits may be.
struct CheckLimits {
    std::chrono::milliseconds warn = std::chrono::minutes(5);
    std::chrono::milliseconds crit = std::chrono::minutes(30);
};

/// The answer of a check as Nagios and its like expect it: one line, `PWLOG OK - … | 'pending'=0
/// …`, and their exit status.
struct CheckAnswer {
    enum class State { ok = 0, warning = 1, critical = 2, unknown = 3 };

    State state = State::unknown;
    std::string line{};
};

CheckAnswer check_status(const DaemonStatus& status, const CheckLimits& limits, Timestamp now);
/// Where there is no status to be judged.
CheckAnswer check_failed(CheckAnswer::State state, const std::string& why);

}  // namespace pwlog
