// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace pwlog {

/// What the kernel says of its wall clock. Where it may not be asked nothing is known: that is not
/// the same as fine.
enum class ClockSync { synchronised, unsynchronised, unknown };

/// The word for it, in `status`.
std::string_view word_of(ClockSync sync);

/// As systemd sees it: what counts is the greatest error that the kernel reckons with. STA_UNSYNC
/// alone says only that nobody sets the hardware clock (chronyd without rtcsync). `max_error`: none
/// where the kernel refuses to tell.
ClockSync judge_clock(std::optional<std::chrono::microseconds> max_error);

/// Asks the kernel.
ClockSync kernel_clock_sync();

/// What is known of this clock; only the machine's own one can be one that may not be asked.
ClockSync sync_of(const Clock& clock);

}  // namespace pwlog
