// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace pwlog {

/// systemd's notification protocol; does nothing where no service manager listens.
class ServiceManager {
  public:
    void ready(const std::string& status) const;
    void reloading() const;
    void stopping() const;
    /// Says that the service is alive; to be called only when it really is.
    void feed_watchdog() const;
    /// How often feed_watchdog() must be called at least; none where no watchdog is set.
    std::optional<std::chrono::microseconds> watchdog_period() const;
};

}  // namespace pwlog
