// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/dial.h"
#include "base/result.h"
#include "sampling/nut_answer.h"

namespace pwlog {

/// A UPS on a NUT server (upsd).
struct NutPlace {
    std::string host = "localhost";
    std::uint16_t port = 3493;
    std::string ups = "ups";
    /// For connecting and the whole answer.
    std::chrono::milliseconds patience{5'000};

    std::string text() const;  ///< `ups@localhost:3493`
};

/// Connects, asks for all variables, and leaves. What a server may send is bounded in size and
/// time. Only the look-up of its name is not. `unavailable` is the server's own word: it has no
/// fresh data; a server that cannot be talked to is `gone` or `timeout`.
Result<NutVariables> ask_nut(const NutPlace& place, const Clock& clock, const std::stop_token& stop,
                             const Resolver& resolver = look_up);

}  // namespace pwlog
