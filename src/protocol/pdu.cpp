// SPDX-License-Identifier: MIT
#include "protocol/pdu.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/parse_number.h"

namespace pwlog::pdu {

const std::array<KnownQuery, 6> queries{{{qmd, verdict_of<decode_model>},
                                         {qgs, verdict_of<decode_status>},
                                         {qpw, verdict_of<decode_active_power>},
                                         {qpva, verdict_of<decode_apparent_power>},
                                         {qec, verdict_of<decode_energy>},
                                         {qsr, verdict_of<decode_countdowns>}}};

// QGS   0000000011111111 222.5 49.8 02.1 00.0 00.3 00.5 00.4 00.1 00.2 00.2 00.3 36.0
//       |      ||      | V     Hz   A    A of outlets 1 to 8                     degrees C
//       alarms --outlets                       (captured from an RC-16A, firmware 0.15)
const std::array<NumberField, 12> status_fields{{
    {"input voltage", "000.0", 0, 320},
    {"input frequency", "00.0", 0, 75},
    {"input current", "00.0", 0, 32},
    {"outlet 1 current", "00.0", 0, 20},
    {"outlet 2 current", "00.0", 0, 20},
    {"outlet 3 current", "00.0", 0, 20},
    {"outlet 4 current", "00.0", 0, 20},
    {"outlet 5 current", "00.0", 0, 20},
    {"outlet 6 current", "00.0", 0, 20},
    {"outlet 7 current", "00.0", 0, 20},
    {"outlet 8 current", "00.0", 0, 20},
    {"internal temperature", "00.0", -9.9, 99.9},
}};

// QPW   0246 0000 0042 0000 0080 0030 0044 0031 0000      input, outlets 1 to 8
// QPVA  0336 0000 0078 0000 0089 0034 0050 0063 0000
// 16 A at 300 V are 4,800 VA; twice the rated current for a moment is believed, more is damage.
const std::array<NumberField, 9> active_power_fields{{
    {"input W", "0000", 0, 7500},
    {"outlet 1 W", "0000", 0, 5000},
    {"outlet 2 W", "0000", 0, 5000},
    {"outlet 3 W", "0000", 0, 5000},
    {"outlet 4 W", "0000", 0, 5000},
    {"outlet 5 W", "0000", 0, 5000},
    {"outlet 6 W", "0000", 0, 5000},
    {"outlet 7 W", "0000", 0, 5000},
    {"outlet 8 W", "0000", 0, 5000},
}};
const std::array<NumberField, 9> apparent_power_fields{{
    {"input VA", "0000", 0, 7500},
    {"outlet 1 VA", "0000", 0, 5000},
    {"outlet 2 VA", "0000", 0, 5000},
    {"outlet 3 VA", "0000", 0, 5000},
    {"outlet 4 VA", "0000", 0, 5000},
    {"outlet 5 VA", "0000", 0, 5000},
    {"outlet 6 VA", "0000", 0, 5000},
    {"outlet 7 VA", "0000", 0, 5000},
    {"outlet 8 VA", "0000", 0, 5000},
}};

// QEC   000701.7 000000.0 000100.9 000011.8 …             kWh, counters
const std::array<NumberField, 9> energy_fields{{
    {"input kWh", "000000.0", 0, 999999.9},
    {"outlet 1 kWh", "000000.0", 0, 999999.9},
    {"outlet 2 kWh", "000000.0", 0, 999999.9},
    {"outlet 3 kWh", "000000.0", 0, 999999.9},
    {"outlet 4 kWh", "000000.0", 0, 999999.9},
    {"outlet 5 kWh", "000000.0", 0, 999999.9},
    {"outlet 6 kWh", "000000.0", 0, 999999.9},
    {"outlet 7 kWh", "000000.0", 0, 999999.9},
    {"outlet 8 kWh", "000000.0", 0, 999999.9},
}};

namespace {

constexpr std::size_t status_characters = 16;
constexpr std::size_t alarm_characters = 8;  // six alarms and two that mean nothing

template <class Unit>
Result<PerOutlet<Unit>> decode_per_outlet(std::string_view query,
                                          std::span<const NumberField> fields,
                                          std::string_view payload) {
    auto numbers = decode_numbers(fields, split_fields(payload));
    if (!numbers) {
        return garbled(query, numbers.error().message, payload);
    }
    PerOutlet<Unit> reading;
    reading.input = as<Unit>(numbers->front());
    for (std::size_t i = 0; i < outlet_count; ++i) {
        reading.outlets[i] = as<Unit>((*numbers)[i + 1]);
    }
    return reading;
}

/// The 16 characters: eight bits, eight outlet digits.
Result<Status> decode_bits(std::string_view bits) {
    if (bits.size() != status_characters) {
        return fail(ErrorKind::garbled, fmt::format("{} of 16 status characters", bits.size()));
    }
    const auto alarms = bits.substr(0, alarm_characters);
    const auto outlets = bits.substr(alarm_characters);
    const auto is_bit = [](char c) { return c == '0' || c == '1'; };
    const auto is_state = [](char c) { return c >= '0' && c <= '6'; };
    if (!std::all_of(alarms.begin(), alarms.end(), is_bit)) {
        return fail(ErrorKind::garbled, "a status bit that is neither 0 nor 1");
    }
    if (!std::all_of(outlets.begin(), outlets.end(), is_state)) {
        return fail(ErrorKind::garbled, "an outlet state outside 0 to 6");
    }
    Status status;
    status.bits = bits;
    status.alarms = {alarms[0] == '1', alarms[1] == '1', alarms[2] == '1',
                     alarms[3] == '1', alarms[4] == '1', alarms[5] == '1'};
    for (std::size_t i = 0; i < outlet_count; ++i) {
        status.outlets[i] = static_cast<OutletState>(outlets[i] - '0');
    }
    return status;
}

/// Letters, digits and the like; the padding's `#` only stands in front.
bool is_model_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(),
                                        [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

/// `1/1`, `3/1` …
bool is_phases(std::string_view phases) {
    return phases.size() == 3 && is_digit(phases[0]) && phases[1] == '/' && is_digit(phases[2]);
}

}  // namespace

std::string_view to_keyword(OutletState state) {
    static constexpr std::array<std::string_view, 7> keywords{
        "off",      "on",    "shutdown_active", "shutdown_imminent", "restore_active",
        "overload", "locked"};
    return keywords[static_cast<std::size_t>(state)];
}

std::string_view to_words(OutletState state) {
    static constexpr std::array<std::string_view, 7> words{
        "Off",   "On", "Shutdown active", "Shutdown imminent", "Restore active", "Overload alarm",
        "Locked"};
    return words[static_cast<std::size_t>(state)];
}

Result<Status> decode_status(std::string_view payload) {
    const auto tokens = split_fields(payload);
    auto status = decode_bits(tokens.front());
    if (!status) {
        return garbled(qgs.text, status.error().message, payload);
    }
    auto numbers = decode_numbers(status_fields, std::span(tokens).subspan(1));
    if (!numbers) {
        return garbled(qgs.text, numbers.error().message, payload);
    }
    const auto& n = *numbers;
    status->input_voltage = as<Volts>(n[0]);
    status->input_frequency = as<Hertz>(n[1]);
    status->input_current = as<Amperes>(n[2]);
    for (std::size_t i = 0; i < outlet_count; ++i) {
        status->outlet_current[i] = as<Amperes>(n[i + 3]);
    }
    status->temperature = as<Celsius>(n.back());
    return status;
}

Result<ActivePower> decode_active_power(std::string_view payload) {
    return decode_per_outlet<Watts>(qpw.text, active_power_fields, payload);
}

Result<ApparentPower> decode_apparent_power(std::string_view payload) {
    return decode_per_outlet<VoltAmperes>(qpva.text, apparent_power_fields, payload);
}

Result<Energy> decode_energy(std::string_view payload) {
    return decode_per_outlet<KilowattHours>(qec.text, energy_fields, payload);
}

// QSR   0 0000 000000 0 0058 000000 …      per outlet: not used, shutdown s, restore s
// Further characters in a token are ignored, as the Python library does.
Result<Countdowns> decode_countdowns(std::string_view payload) {
    constexpr std::size_t shutdown_digits = 4;
    constexpr std::size_t restore_digits = 6;
    const auto tokens = split_fields(payload);
    if (tokens.size() != 3 * outlet_count) {
        return garbled(qsr.text, fmt::format("{} of {} fields", tokens.size(), 3 * outlet_count),
                       payload);
    }
    Countdowns countdowns;
    for (std::size_t i = 0; i < outlet_count; ++i) {
        const auto shutdown = tokens[3 * i + 1];
        const auto restore = tokens[3 * i + 2];
        if (tokens[3 * i].empty() || shutdown.size() < shutdown_digits ||
            restore.size() < restore_digits) {
            return garbled(qsr.text, fmt::format("countdown of outlet {} is too short", i + 1),
                           payload);
        }
        auto shutdown_s = decode_digits(shutdown.substr(0, shutdown_digits), shutdown_digits);
        auto restore_s = decode_digits(restore.substr(0, restore_digits), restore_digits);
        if (!shutdown_s || !restore_s) {
            return garbled(qsr.text, fmt::format("countdown of outlet {} is not a number", i + 1),
                           payload);
        }
        countdowns[i] = {*shutdown_s, *restore_s};
    }
    return countdowns;
}

// QMD   ############PDU 1/1 230 230 1 8    model, phases in/out, nominal V in, out, inputs, outputs
//       |             |                    15 characters, padded in front
Result<Model> decode_model(std::string_view payload) {
    constexpr std::size_t model_width = 15;
    constexpr std::size_t voltage_digits = 3;
    constexpr std::size_t count_digits = 1;
    const auto tokens = split_fields(payload);
    if (tokens.size() != 6) {
        return garbled(qmd.text, fmt::format("{} of 6 fields", tokens.size()), payload);
    }
    Model model;
    model.name = tokens[0].substr(std::min(tokens[0].find_first_not_of('#'), tokens[0].size()));
    model.phases = tokens[1];
    if (tokens[0].size() != model_width || !is_model_name(model.name)) {
        return garbled(qmd.text, "no model name of 15 characters", payload);
    }
    if (!is_phases(model.phases)) {
        return garbled(qmd.text, "phases must look like 1/1", payload);
    }
    const std::array<std::pair<int*, std::size_t>, 4> numbers{
        {{&model.nominal_input_v, voltage_digits},
         {&model.nominal_output_v, voltage_digits},
         {&model.inputs, count_digits},
         {&model.outputs, count_digits}}};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto [target, width] = numbers[i];
        const auto token = tokens[i + 2];
        auto number = decode_digits(token, width);
        if (!number || token.size() != width) {
            return garbled(qmd.text, fmt::format("field {} must have {} digits", i + 3, width),
                           payload);
        }
        *target = *number;
    }
    return model;
}

}  // namespace pwlog::pdu
