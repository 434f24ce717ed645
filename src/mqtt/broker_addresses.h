// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/dial.h"
#include "base/result.h"
#include "mqtt/connection.h"

namespace pwlog {

/// A broker's addresses, each of which gets its chance: the next one is the first that takes a
/// connection, and one that took it without letting us in goes behind the others. One thread.
class BrokerAddresses {
  public:
    explicit BrokerAddresses(Resolver resolver = look_up) : resolver_(std::move(resolver)) {}

    /// Sets `broker.address`. Errors as look_up() and dial() have them, with host and port.
    Result<void> choose(BrokerOptions& broker, const Clock& clock, SteadyTime end,
                        const std::stop_token& stop);
    /// What the chosen one did with our CONNECT.
    void turned_out(bool accepted);

    /// How many of them have not turned us away.
    std::ptrdiff_t hopes() const;

  private:
    Resolver resolver_;
    std::vector<std::string> known_;                    // at the last look, the chosen one first
    std::map<std::string, std::uint64_t> turned_away_;  // when, in numbers that only grow
    std::uint64_t times_ = 0;
};

}  // namespace pwlog
