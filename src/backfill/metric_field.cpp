#include "backfill/metric_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/json_object.h"
#include "base/printable.h"

namespace pwlog {
namespace {

using enum DocumentKind;
using enum FieldType;
using enum Measure;

constexpr std::array fields{
    MetricField{pdu, "input_v", real, voltage},
    MetricField{pdu, "input_hz", real, frequency},
    MetricField{pdu, "input_a", real, current},
    MetricField{pdu, "power_w", integer, power},
    MetricField{pdu, "power_va", integer, apparent},
    MetricField{pdu, "power_factor", real, ratio},
    MetricField{pdu, "energy_kwh", real, counter},
    MetricField{pdu, "interval_wh", real, energy},
    MetricField{pdu, "interval_from_counter", boolean},
    MetricField{pdu, "cost", real},
    MetricField{pdu, "currency", text},
    MetricField{pdu, "load_pct", real, ratio},
    MetricField{pdu, "temperature_c", real, celsius},
    MetricField{pdu, "alarm.low_input_voltage", boolean},
    MetricField{pdu, "alarm.high_input_voltage", boolean},
    MetricField{pdu, "alarm.low_input_current", boolean},
    MetricField{pdu, "alarm.high_input_current", boolean},
    MetricField{pdu, "alarm.aux1_power_fail", boolean},
    MetricField{pdu, "alarm.aux2_power_fail", boolean},

    MetricField{outlet, "name", text},
    MetricField{outlet, "state", text},
    MetricField{outlet, "state_code", integer},
    MetricField{outlet, "current_a", real, current},
    MetricField{outlet, "power_w", integer, power},
    MetricField{outlet, "power_va", integer, apparent},
    MetricField{outlet, "power_factor", real, ratio},
    MetricField{outlet, "energy_kwh", real, counter},
    MetricField{outlet, "interval_wh", real, energy},
    MetricField{outlet, "interval_from_counter", boolean},
    MetricField{outlet, "cost", real},
    MetricField{outlet, "currency", text},
    MetricField{outlet, "load_pct", real, ratio},
    MetricField{outlet, "shutdown_s", integer, seconds},
    MetricField{outlet, "restore_s", integer, seconds},

    MetricField{ats, "source1_v", real, voltage},
    MetricField{ats, "source1_hz", real, frequency},
    MetricField{ats, "source2_v", real, voltage},
    MetricField{ats, "source2_hz", real, frequency},
    // Said of each source by some; documents have active_source instead.
    MetricField{ats, "source1_active", boolean},
    MetricField{ats, "source2_active", boolean},
    MetricField{ats, "active_source", integer},
    MetricField{ats, "preferred_source", integer},
    MetricField{ats, "load_pct", real, ratio},
    MetricField{ats, "output_a", real, current},
    MetricField{ats, "sync_angle_deg", integer, angle},
    MetricField{ats, "temperature_c", real, celsius},
    MetricField{ats, "redundant", boolean},
    MetricField{ats, "source1_voltage_bad", boolean},
    MetricField{ats, "source1_freq_bad", boolean},
    MetricField{ats, "source1_wave_bad", boolean},
    MetricField{ats, "source2_voltage_bad", boolean},
    MetricField{ats, "source2_freq_bad", boolean},
    MetricField{ats, "source2_wave_bad", boolean},
    MetricField{ats, "alarm.sync_bad", boolean},
    MetricField{ats, "alarm.aux1_power_fail", boolean},
    MetricField{ats, "alarm.aux2_power_fail", boolean},
    MetricField{ats, "alarm.short_circuit", boolean},
    MetricField{ats, "alarm.overload_fault", boolean},
    MetricField{ats, "alarm.overload", boolean},
    MetricField{ats, "alarm.fault_mode", boolean},
};

/// value in documents = (value given + offset) x factor
struct Unit {
    Measure measure;
    std::string_view name;
    double factor;
    double offset = 0;
};

constexpr double kelvin_zero = 273.15;

constexpr std::array units{
    Unit{voltage, "V", 1},
    Unit{voltage, "mV", 0.001},
    Unit{voltage, "kV", 1000},
    Unit{current, "A", 1},
    Unit{current, "mA", 0.001},
    Unit{power, "W", 1},
    Unit{power, "kW", 1000},
    Unit{power, "mW", 0.001},
    Unit{apparent, "VA", 1},
    Unit{apparent, "kVA", 1000},
    Unit{frequency, "Hz", 1},
    Unit{frequency, "mHz", 0.001},
    Unit{counter, "kWh", 1},
    Unit{counter, "Wh", 0.001},
    Unit{counter, "MWh", 1000},
    Unit{energy, "Wh", 1},
    Unit{energy, "kWh", 1000},
    Unit{energy, "J", 1.0 / 3600},
    Unit{celsius, "C", 1},
    Unit{celsius, "F", 5.0 / 9, -32},
    Unit{celsius, "K", 1, -kelvin_zero},
    Unit{ratio, "1", 1},
    Unit{ratio, "%", 0.01},
    Unit{angle, "deg", 1},
    Unit{seconds, "s", 1},
    Unit{seconds, "ms", 0.001},
    Unit{seconds, "min", 60},
};

const Unit* find_unit(Measure measure, std::string_view name) {
    const auto found = std::find_if(units.begin(), units.end(), [&](const Unit& unit) {
        return unit.measure == measure && unit.name == name;
    });
    return found == units.end() ? nullptr : &*found;
}

std::optional<double> parse_number(std::string_view text, bool decimal_comma) {
    std::string plain(text);
    if (decimal_comma) {
        std::replace(plain.begin(), plain.end(), ',', '.');
    }
    const char* begin = plain.data();
    const char* const last = begin + plain.size();
    begin += plain.size() > 1 && plain[0] == '+' ? 1 : 0;
    double value = 0;
    const auto [end, code] = std::from_chars(begin, last, value);
    const bool good = code == std::errc{} && end == last && std::isfinite(value);
    return good ? std::optional(value) : std::nullopt;
}

std::optional<bool> parse_boolean(std::string_view text) {
    for (const std::string_view yes : {"1", "true", "True", "TRUE", "on", "yes", "t", "T", "1.0"}) {
        if (text == yes) {
            return true;
        }
    }
    for (const std::string_view no :
         {"0", "false", "False", "FALSE", "off", "no", "f", "F", "0.0"}) {
        if (text == no) {
            return false;
        }
    }
    return std::nullopt;
}

}  // namespace

std::span<const MetricField> metric_fields() { return fields; }

std::optional<std::size_t> find_metric_field(DocumentKind kind, std::string_view path) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].kind == kind && fields[i].path == path) {
            return i;
        }
    }
    return std::nullopt;
}

Result<void> check_unit(const MetricField& field, std::string_view unit) {
    if (unit.empty() || find_unit(field.measure, unit) != nullptr) {
        return {};
    }
    std::vector<std::string_view> known;
    for (const auto& candidate : units) {
        if (candidate.measure == field.measure) {
            known.push_back(candidate.name);
        }
    }
    return fail(ErrorKind::invalid,
                known.empty() ? fmt::format("{} has no unit", field.path)
                              : fmt::format("{} cannot be in '{}', only in {}", field.path,
                                            printable(unit, 20), fmt::join(known, ", ")));
}

Result<FieldValue> parse_field_value(const MetricField& field, std::string_view text,
                                     std::string_view unit, bool decimal_comma) {
    const auto wrong = [&](std::string_view expected) {
        return fail(ErrorKind::invalid,
                    fmt::format("{}: '{}' is not {}", field.path, printable(text, 40), expected));
    };
    if (field.type == FieldType::text) {
        return FieldValue(std::string(text));
    }
    if (field.type == FieldType::boolean) {
        const auto value = parse_boolean(text);
        return value ? Result<FieldValue>(*value) : wrong("true or false");
    }
    auto value = parse_number(text, decimal_comma);
    if (!value) {
        return wrong("a number");
    }
    if (const Unit* known = find_unit(field.measure, unit)) {
        *value = (*value + known->offset) * known->factor;
    }
    if (field.type == FieldType::integer) {
        constexpr double most = 2147483647;
        return std::fabs(*value) <= most ? Result<FieldValue>(std::int64_t{std::llround(*value)})
                                         : wrong("a number that can be");
    }
    constexpr int decimals = 6;  // of what is left after a conversion, more means nothing
    constexpr double most = 1e9;
    return std::fabs(*value) <= most ? Result<FieldValue>(rounded(*value, decimals))
                                     : wrong("a number that can be");
}

}  // namespace pwlog
