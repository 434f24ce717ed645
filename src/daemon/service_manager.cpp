// SPDX-License-Identifier: MIT
#include "daemon/service_manager.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

namespace pwlog {

void ServiceManager::ready(const std::string& status) const {
    sd_notify(0, fmt::format("READY=1\nSTATUS={}", status).c_str());
}

void ServiceManager::reloading() const { sd_notify(0, "RELOADING=1"); }

void ServiceManager::stopping() const { sd_notify(0, "STOPPING=1"); }

void ServiceManager::feed_watchdog() const { sd_notify(0, "WATCHDOG=1"); }

std::optional<std::chrono::microseconds> ServiceManager::watchdog_period() const {
    std::uint64_t period_us = 0;
    if (sd_watchdog_enabled(0, &period_us) <= 0) {
        return std::nullopt;
    }
    return std::chrono::microseconds(period_us);
}

}  // namespace pwlog
