// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/units.h"

namespace pwlog {

/// What a NUT server knows of one UPS, by its own names: `battery.charge` …
using NutVariables = std::map<std::string, std::string>;

/// What of it goes to MQTT.
inline constexpr std::array published_variables{
    "battery.charge", "battery.runtime", "battery.voltage",  "input.current",  "input.frequency",
    "input.voltage",  "output.current",  "output.frequency", "output.voltage", "ups.alarm",
    "ups.load",       "ups.power",       "ups.realpower",    "ups.status",     "ups.temperature"};

/// What is logged of it. A value that is absent, or none that such a thing can have, is none.
struct UpsReading {
    WallTime time;
    std::chrono::nanoseconds duration{};   ///< of the reading
    std::string status;                    ///< NUT's words: `OL CHRG`
    std::optional<double> charge_percent;  ///< of the battery, 100 = full
    std::optional<double> load_percent;
    std::optional<int> runtime_s;
    std::optional<Volts> input_voltage;
    std::optional<Volts> output_voltage;
    std::optional<Volts> battery_voltage;
    std::optional<Amperes> input_current;
    std::optional<Amperes> output_current;
    std::optional<Hertz> input_frequency;
    std::optional<Hertz> output_frequency;
    std::optional<Watts> real_power;
    std::optional<VoltAmperes> apparent_power;
    std::optional<Celsius> temperature;
    std::string alarm;         ///< what the UPS complains of, in its own words; mostly empty
    std::string manufacturer;  ///< empty where not given
    std::string model;
    NutVariables published;  ///< as NUT has it
};

/// The question for all variables: `LIST VAR ups`, with its line feed.
std::string list_question(const std::string& ups);

/// Whether what came is a whole answer: its last line, or an error's.
bool is_whole_list(std::string_view text, const std::string& ups);

/// All lines between BEGIN and END. Errors: `not_found` (no such UPS), `denied`, `unavailable` (the
/// driver is not connected, or its data are stale), `garbled`.
///
///     BEGIN LIST VAR ups
///     VAR ups battery.charge "87"
///     END LIST VAR ups
Result<NutVariables> decode_list(std::string_view text, const std::string& ups);

/// `garbled` where there is no status.
Result<UpsReading> reading_of(const NutVariables& variables, WallTime time);

}  // namespace pwlog
