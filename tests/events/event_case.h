// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "document/tariff.h"
#include "simulator/script.h"
#include "simulator/simulated_device.h"

namespace pwlog::test {

/// What a local day must come to.
struct DayTotal {
    std::string date;  ///< `2026-03-29`, as clocks on the wall show it
    int channel;       ///< 0 = the input, else the outlet
    double watt_hours;
    double cost;
    double within_wh = 0.5;  ///< a tick at each change of the load
};

/// A scripted run and what must have happened in it: tests/data/events/README.md has the grammar.
struct EventCase {
    std::string name;
    simulator::DeviceKind device = simulator::DeviceKind::pdu;
    std::string zone = "UTC";
    WallTime begin{};
    std::chrono::nanoseconds length{};
    std::chrono::milliseconds interval{10'000};
    std::optional<std::chrono::milliseconds> fast_interval;
    std::optional<Tariff> tariff;
    std::vector<simulator::ScriptLine> script;
    /// When the logger runs: from the first to the second time since the begin, and so on.
    std::vector<std::pair<std::chrono::nanoseconds, std::chrono::nanoseconds>> runs;
    std::vector<std::string> expected;  ///< events, in order
    std::vector<DayTotal> totals;
};

/// A mistake in the file fails the test that calls.
EventCase read_event_case(const std::filesystem::path& file);

/// All of them, in order of their names.
std::vector<std::filesystem::path> event_case_files();

}  // namespace pwlog::test
