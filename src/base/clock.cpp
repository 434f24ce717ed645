// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include <condition_variable>
#include <ctime>
#include <mutex>

#include "base/clock_sync.h"

namespace pwlog {

WallTime SystemClock::wall_now() const { return std::chrono::system_clock::now(); }

SteadyTime SystemClock::steady_now() const { return std::chrono::steady_clock::now(); }

bool SystemClock::wait_until(SteadyTime when, const std::stop_token& stop) const {
    std::mutex mutex;
    std::condition_variable_any
        never_notified;  // only the stop token or the deadline ends the wait
    std::unique_lock lock(mutex);
    never_notified.wait_until(lock, stop, when, [] { return false; });
    return !stop.stop_requested();
}

bool SystemClock::synchronised() const { return kernel_clock_sync() == ClockSync::synchronised; }

std::chrono::nanoseconds SystemClock::uptime() const {
    timespec since_boot{};
    clock_gettime(CLOCK_BOOTTIME, &since_boot);
    return std::chrono::seconds(since_boot.tv_sec) + std::chrono::nanoseconds(since_boot.tv_nsec);
}

}  // namespace pwlog
