#pragma once

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

/// What is logged of it. A value that is absent, or none that such a thing can have, is none.
struct UpsReading {
    WallTime time;
    std::string status;                    ///< NUT's words: `OL CHRG`
    std::optional<double> charge_percent;  ///< of the battery, 100 = full
    std::optional<double> load_percent;
    std::optional<int> runtime_s;
    std::optional<Volts> input_voltage;
    std::optional<Volts> output_voltage;
    std::optional<Volts> battery_voltage;
    std::string manufacturer;  ///< empty where not given
    std::string model;
    NutVariables published;  ///< as the library's ups.py took them on to MQTT

    bool has(std::string_view word) const;  ///< in `status`
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
