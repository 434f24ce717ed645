// SPDX-License-Identifier: MIT
#include "base/clock_sync.h"

#include <sys/timex.h>

#include <ctime>

namespace pwlog {

std::string_view word_of(ClockSync sync) {
    switch (sync) {
        case ClockSync::synchronised:
            return "synchronised";
        case ClockSync::unsynchronised:
            return "unsynchronised";
        case ClockSync::unknown:
            break;
    }
    return "unknown";
}

ClockSync judge_clock(std::optional<std::chrono::microseconds> max_error) {
    constexpr auto believed = std::chrono::seconds(16);  // the kernel's own greatest
    if (!max_error) {
        return ClockSync::unknown;
    }
    return *max_error < believed ? ClockSync::synchronised : ClockSync::unsynchronised;
}

ClockSync kernel_clock_sync() {
    timex query{};
    const bool answered = clock_adjtime(CLOCK_REALTIME, &query) >= 0;
    return judge_clock(answered ? std::optional(std::chrono::microseconds(query.maxerror))
                                : std::nullopt);
}

ClockSync sync_of(const Clock& clock) {
    if (dynamic_cast<const SystemClock*>(&clock) != nullptr) {
        return kernel_clock_sync();
    }
    return clock.synchronised() ? ClockSync::synchronised : ClockSync::unsynchronised;
}

}  // namespace pwlog
