// SPDX-License-Identifier: MIT
#pragma once

#include "base/clock.h"

namespace pwlog::test {

/// For tests of what waits for others: ports, brokers, other processes.
inline const SystemClock system_clock;

}  // namespace pwlog::test
