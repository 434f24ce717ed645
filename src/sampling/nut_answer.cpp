// SPDX-License-Identifier: MIT
#include "sampling/nut_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/parse_number.h"
#include "base/printable.h"

namespace pwlog {
namespace {

constexpr std::size_t longest_text = 64;

tl::unexpected<Error> garbled(std::string_view what, std::string_view line) {
    return fail(ErrorKind::garbled, fmt::format("{}: \"{}\"", what, printable(line)));
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// `ERR UNKNOWN-UPS` and its like.
tl::unexpected<Error> refusal(std::string_view line) {
    const auto word = line.substr(4);
    auto kind = ErrorKind::refused;
    if (word.starts_with("UNKNOWN-UPS")) {
        kind = ErrorKind::not_found;
    } else if (word.starts_with("ACCESS-DENIED")) {
        kind = ErrorKind::denied;
    } else if (word.starts_with("DRIVER-NOT-CONNECTED") || word.starts_with("DATA-STALE")) {
        kind = ErrorKind::unavailable;
    }
    return fail(kind, fmt::format("the NUT server says {}", printable(word)));
}

/// The text between quotes; `\"` and `\\` stand for the second character.
std::optional<std::string> unquoted(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
        return std::nullopt;
    }
    text = text.substr(1, text.size() - 2);
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            return std::nullopt;
        }
        if (text[i] == '\\' && ++i == text.size()) {
            return std::nullopt;
        }
        plain += text[i];
    }
    return plain;
}

struct Range {
    double least;
    double most;
};

std::optional<double> number(const NutVariables& variables, const std::string& name, Range range) {
    const auto found = variables.find(name);
    if (found == variables.end()) {
        return std::nullopt;
    }
    const auto& text = found->second;
    double value = 0;
    const auto* const end = text.data() + text.size();
    const auto [last, code] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    const bool good = code == std::errc{} && last == end && std::isfinite(value);
    return good && value >= range.least && value <= range.most ? std::optional(value)
                                                               : std::nullopt;
}

/// The first of the names that has a value.
template <class Unit>
std::optional<Unit> quantity(const NutVariables& variables,
                             std::initializer_list<const char*> names, Range range) {
    for (const auto* const name : names) {
        if (const auto value = number(variables, name, range)) {
            if constexpr (std::is_same_v<Unit, Watts> || std::is_same_v<Unit, VoltAmperes>) {
                return Unit(static_cast<int>(std::lround(*value)));
            } else {
                return Unit(*value);
            }
        }
    }
    return std::nullopt;
}

void read_numbers(const NutVariables& variables, UpsReading& reading) {
    constexpr Range percent{0, 100};
    constexpr Range load{0, 1'000};
    constexpr Range runtime_s{0, 100.0 * 24 * 3'600};
    constexpr Range volts{0, 1'000};
    constexpr Range amperes{0, 10'000};
    constexpr Range hertz{0, 1'000};
    constexpr Range watts{0, 10'000'000};
    constexpr Range celsius{-50, 200};
    reading.charge_percent = number(variables, "battery.charge", percent);
    reading.load_percent = number(variables, "ups.load", load);
    if (const auto runtime = number(variables, "battery.runtime", runtime_s)) {
        reading.runtime_s = static_cast<int>(*runtime);
    }
    reading.input_voltage = quantity<Volts>(variables, {"input.voltage"}, volts);
    reading.output_voltage = quantity<Volts>(variables, {"output.voltage"}, volts);
    reading.battery_voltage = quantity<Volts>(variables, {"battery.voltage"}, volts);
    reading.input_current = quantity<Amperes>(variables, {"input.current"}, amperes);
    reading.output_current = quantity<Amperes>(variables, {"output.current"}, amperes);
    reading.input_frequency = quantity<Hertz>(variables, {"input.frequency"}, hertz);
    reading.output_frequency = quantity<Hertz>(variables, {"output.frequency"}, hertz);
    reading.real_power = quantity<Watts>(variables, {"ups.realpower", "output.realpower"}, watts);
    reading.apparent_power = quantity<VoltAmperes>(variables, {"ups.power", "output.power"}, watts);
    reading.temperature =
        quantity<Celsius>(variables, {"ups.temperature", "battery.temperature"}, celsius);
}

/// Text from outside, fit for a document.
std::string text_of(const NutVariables& variables, const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : printable(found->second, longest_text);
}

bool is_status(std::string_view status) {
    return !status.empty() && status.size() <= longest_text &&
           std::all_of(status.begin(), status.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || c == ' ' || c == '-' || is_digit(c);
           });
}

}  // namespace

std::string list_question(const std::string& ups) { return fmt::format("LIST VAR {}\n", ups); }

bool is_whole_list(std::string_view text, const std::string& ups) {
    return text.ends_with(fmt::format("END LIST VAR {}\n", ups)) ||
           (text.starts_with("ERR ") && text.ends_with('\n'));
}

Result<NutVariables> decode_list(std::string_view text, const std::string& ups) {
    const auto lines = lines_of(text);
    if (!lines.empty() && lines.front().starts_with("ERR ")) {
        return refusal(lines.front());
    }
    if (lines.size() < 2 || lines.front() != "BEGIN LIST VAR " + ups ||
        lines.back() != "END LIST VAR " + ups) {
        return garbled("not a list of variables", lines.empty() ? "" : lines.front());
    }
    NutVariables variables;
    const std::string begin = fmt::format("VAR {} ", ups);
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
        const auto blank = lines[i].find(' ', begin.size());
        const auto value = lines[i].starts_with(begin) && blank != std::string_view::npos
                               ? unquoted(lines[i].substr(blank + 1))
                               : std::nullopt;
        if (!value) {
            return garbled("not a variable", lines[i]);
        }
        variables[std::string(lines[i].substr(begin.size(), blank - begin.size()))] = *value;
    }
    return variables;
}

Result<UpsReading> reading_of(const NutVariables& variables, WallTime time) {
    UpsReading reading;
    reading.time = time;
    const auto status = variables.find("ups.status");
    if (status == variables.end() || !is_status(status->second)) {
        return garbled("no status", status == variables.end() ? "" : status->second);
    }
    reading.status = status->second;
    read_numbers(variables, reading);
    reading.alarm = text_of(variables, "ups.alarm");
    reading.manufacturer = text_of(variables, "device.mfr");
    reading.model = text_of(variables, "device.model");
    for (const auto* const name : published_variables) {
        if (const auto text = text_of(variables, name); !text.empty()) {
            reading.published[name] = text;
        }
    }
    return reading;
}

}  // namespace pwlog
