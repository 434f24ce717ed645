// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "simulator/pty_port.h"

namespace pwlog::simulator {

/// A simulated device on a pseudo-terminal, served by a thread of its own until the destructor. Any
/// thread may call it.
class Served {
  public:
    struct Options {
        SimulatedDevice::Options device;
        PtyPort::Options port;
        const Clock* clock = nullptr;  ///< drives the model; none: the system's
    };

    static Result<std::unique_ptr<Served>> start(Options options);
    ~Served();
    Served(const Served&) = delete;
    Served& operator=(const Served&) = delete;

    /// The link to open; stays the same when the device is unplugged and plugged in again.
    const std::string& path() const { return options_.port.link; }
    const std::string& name() const { return options_.port.name; }

    /// Does what a script's line says, without its time: `fault drop next 1`.
    Result<void> apply(const Directive& directive);
    /// Whether a directive that names no device is meant for this one, too.
    bool is_concerned(const Directive& directive) const;

  private:
    explicit Served(Options options);

    Options options_;
    SystemClock system_clock_;
    SimulatedDevice device_;
    std::unique_ptr<PtyPort> port_;
    std::jthread thread_;
};

}  // namespace pwlog::simulator
