// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "replay.h"
#include "simulator/simulated_device.h"

namespace pwlog::test {

/// A source as other programs would have kept it of the same line, and the map that it needs.
struct HistoryText {
    std::string kind;  ///< csv, influx, mqtt
    std::string text;
    std::string map{};
};

/// What was read, without anything that follows from it: a table with a row for each time.
HistoryText as_csv(const Replayed& live);
/// A point for each time.
HistoryText as_line_protocol(const Replayed& live);
/// What the Python library's loop publishes: no counters, of a bad source only that it is bad.
HistoryText as_messages(const Replayed& live);

}  // namespace pwlog::test
