// SPDX-License-Identifier: MIT
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace pwlog {

/// One of a host's addresses, with a port.
struct Address {
    sockaddr_storage raw{};
    socklen_t size = 0;

    std::string text() const;  ///< `192.0.2.7`, `2001:db8::7`
};

/// `unavailable` where the name is not known, `stopped`. What the system does for it is not bounded
/// in time, but a stop does not wait for it.
using Resolver = std::function<Result<std::vector<Address>>(const std::string&, std::uint16_t,
                                                            const std::stop_token&)>;
Result<std::vector<Address>> look_up(const std::string& host, std::uint16_t port,
                                     const std::stop_token& stop);

struct Dialled {
    UniqueFd fd;  ///< does not block
    Address address;
};

/// Connects to the first address that takes it until `end`. None waits long for another: the next
/// is tried once the one before has failed, or has said nothing for a quarter of a second. Errors:
/// `timeout`, `stopped`, `unavailable` with what each address said.
Result<Dialled> dial(const std::vector<Address>& addresses, const Clock& clock, SteadyTime end,
                     const std::stop_token& stop);

}  // namespace pwlog
