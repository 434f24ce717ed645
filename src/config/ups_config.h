// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace pwlog {

/// [[ups]]: a UPS that a NUT server knows.
struct UpsConfig {
    std::string id;  ///< becomes device.id: unique, never to change
    std::string name;
    std::string host = "localhost";
    std::uint16_t port = 3493;
    std::string ups = "ups";  ///< its name on the server
    std::chrono::milliseconds interval{10'000};
};

}  // namespace pwlog
