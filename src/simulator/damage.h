// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "simulator/fault.h"

namespace pwlog::simulator {

/// Bytes that follow each other on the wire.
struct Piece {
    std::chrono::nanoseconds pause{};  ///< before the first byte
    std::string bytes;
    std::optional<std::chrono::nanoseconds> byte_time{};  ///< none: the line's own
};

/// All that goes out for one request.
struct Transmission {
    std::vector<Piece> pieces;
    std::optional<std::chrono::nanoseconds>
        unplug_for{};  ///< the plug is pulled after the last byte
};

/// What damage is made of.
struct Exchange {
    std::string request;   ///< without its CR
    std::string frame;     ///< the right answer as it should go out
    std::string other;     ///< the answer to another query
    std::string previous;  ///< the answer before this one
};

Transmission undamaged(const Exchange& exchange);
Transmission damaged(const Exchange& exchange, const FaultRule& rule, Dice& dice);

}  // namespace pwlog::simulator
