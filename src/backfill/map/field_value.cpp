#include "backfill/map/field_value.h"

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

using enum Measure;

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

Result<void> check_unit(const FieldRow& field, std::string_view unit) {
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

Result<FieldValue> parse_field_value(const FieldRow& field, std::string_view text,
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
