// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <stop_token>

#include "config/config.h"
#include "control/control_client.h"
#include "control/device_access.h"

namespace pwlog {

/// A line to a device whose port this process opens.
struct DirectDevice {
    DeviceFacts facts;
    PortOptions port;
    SessionOptions session;
    /// Where switch requests are kept as events; none: nothing can be switched either.
    std::optional<Config> config{};
};
std::unique_ptr<DeviceAccess> make_direct_access(DirectDevice device, const std::stop_token& stop);

/// A line to a device whose port a daemon has.
std::unique_ptr<DeviceAccess> make_daemon_access(DeviceFacts facts, ControlClient daemon);

}  // namespace pwlog
