// SPDX-License-Identifier: MIT
#include "backfill/map/field_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "base/json_object.h"
#include "base/parse_number.h"
#include "base/printable.h"
#include "protocol/pdu.h"

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

/// What no device of the kind can show, whatever its range, in the unit of documents: mostly the
/// unit was forgotten, or a number stands for "no value".
struct Bounds {
    Measure measure;
    double least;
    double most;
};

constexpr std::array bounds{
    Bounds{voltage, 0, 1000}, Bounds{current, 0, 1000},    Bounds{power, 0, 1e6},
    Bounds{apparent, 0, 1e6}, Bounds{frequency, 0, 1000},  Bounds{counter, 0, 1e9},
    Bounds{energy, 0, 1e9},   Bounds{celsius, -100, 1000}, Bounds{ratio, 0, 20},
    Bounds{angle, -360, 360}, Bounds{seconds, 0, 1e9},
};

/// Empty: it can be.
std::string impossible(const FieldRow& field, double value) {
    const auto found = std::find_if(bounds.begin(), bounds.end(), [&](const Bounds& each) {
        return each.measure == field.measure;
    });
    if (found == bounds.end() || (value >= found->least && value <= found->most)) {
        return {};
    }
    const auto unit = std::find_if(units.begin(), units.end(),
                                   [&](const Unit& each) { return each.measure == field.measure; });
    return fmt::format("between {} and {}{}: is it in another unit?", found->least, found->most,
                       field.measure == ratio ? std::string(", where 1 is 100 %")
                                              : fmt::format(" {}", unit->name));
}

const Unit* find_unit(Measure measure, std::string_view name) {
    const auto found = std::find_if(units.begin(), units.end(), [&](const Unit& unit) {
        return unit.measure == measure && unit.name == name;
    });
    return found == units.end() ? nullptr : &*found;
}

std::optional<double> parse_plain_number(std::string_view text) {
    text.remove_prefix(text.size() > 1 && text[0] == '+' ? 1 : 0);
    return parse_number<double>(text);
}

// `1,234,567.8` without its groups; none where they are not three digits each.
std::optional<std::string> without_groups(std::string_view text, std::string_view group,
                                          char point) {
    const std::size_t decimals = std::min(text.find(point), text.size());
    std::string plain(text.substr(0, std::min(text.find(group), decimals)));
    const auto first = plain.size() - (plain.starts_with('-') || plain.starts_with('+') ? 1 : 0);
    std::string_view rest = text.substr(plain.size(), decimals - plain.size());
    const bool grouped = !rest.empty();
    while (!rest.empty()) {
        rest.remove_prefix(group.size());
        if (rest.size() < 3 || !std::all_of(rest.begin(), rest.begin() + 3, is_digit) ||
            (rest.size() > 3 && !rest.substr(3).starts_with(group))) {
            return std::nullopt;
        }
        plain += rest.substr(0, 3);
        rest.remove_prefix(3);
    }
    if (grouped && (first < 1 || first > 3)) {
        return std::nullopt;
    }
    if (decimals < text.size()) {
        plain += '.';
        plain += text.substr(decimals + 1);
    }
    return plain;
}

// Groups by a mark, by an apostrophe, or by one of the blanks that are used for it.
std::optional<double> parse_grouped_number(std::string_view text, std::string_view mark,
                                           char point) {
    constexpr std::array<std::string_view, 6> others{"'",      "\u2019", " ",
                                                     "\u00a0", "\u202f", "\u2009"};
    const auto other = std::find_if(others.begin(), others.end(), [&](std::string_view group) {
        return text.find(group) != text.npos;
    });
    const bool has_mark = other == others.end() || text.find(mark) != text.npos;
    const auto plain = without_groups(text, has_mark ? mark : *other, point);
    return plain ? parse_plain_number(*plain) : std::nullopt;
}

/// None: it is no number; `unclear`: it is one, but which depends on --decimal-comma.
std::optional<double> read_number(std::string_view text, DecimalMark decimal, bool& unclear) {
    if (decimal == DecimalMark::comma) {
        return parse_grouped_number(text, ".", ',');
    }
    if (const auto value = parse_plain_number(text)) {
        return value;
    }
    const auto grouped = parse_grouped_number(text, ",", '.');
    const bool one_comma = std::count(text.begin(), text.end(), ',') == 1;
    const bool either = grouped && one_comma && text.find('.') == text.npos;
    unclear = decimal == DecimalMark::unsaid &&
              (either || (!grouped && one_comma && parse_grouped_number(text, ".", ',')));
    return unclear ? std::nullopt : grouped;
}

std::optional<bool> parse_boolean(std::string_view text) {
    const auto lower = lowered(text);
    for (const std::string_view yes : {"1", "true", "on", "yes", "t", "y", "1.0"}) {
        if (lower == yes) {
            return true;
        }
    }
    for (const std::string_view no : {"0", "false", "off", "no", "f", "n", "0.0"}) {
        if (lower == no) {
            return false;
        }
    }
    return std::nullopt;
}

/// An outlet's state by its keyword, words or digit, or as on and off are written.
Result<FieldValue> parse_state(std::string_view text) {
    for (int digit = 0; digit <= static_cast<int>(pdu::OutletState::locked); ++digit) {
        const auto keyword = pdu::to_keyword(static_cast<pdu::OutletState>(digit));
        if (text == keyword) {  // as most have it
            return FieldValue(std::string(keyword));
        }
    }
    const auto lower = lowered(text);
    for (int digit = 0; digit <= static_cast<int>(pdu::OutletState::locked); ++digit) {
        const auto state = static_cast<pdu::OutletState>(digit);
        if (lower == pdu::to_keyword(state) || lower == lowered(pdu::to_words(state)) ||
            lower == std::to_string(digit)) {
            return FieldValue(std::string(pdu::to_keyword(state)));
        }
    }
    if (const auto on = parse_boolean(text)) {
        return FieldValue(std::string(*on ? "on" : "off"));
    }
    return fail(ErrorKind::invalid,
                fmt::format("state: '{}' is not one of an outlet: on, off, shutdown_active, "
                            "shutdown_imminent, restore_active, overload, locked",
                            printable(text, 40)));
}

/// Cuts the unit off a cell like `1.24 kW`; none where it has none that this measure knows.
const Unit* take_unit(Measure measure, std::string_view& text) {
    if (!text.empty() && is_digit(text.back())) {
        return nullptr;
    }
    const std::size_t last = text.find_last_of("0123456789.");
    if (last == text.npos || last + 1 == text.size()) {
        return nullptr;
    }
    const std::size_t begin = std::min(text.find_first_not_of(' ', last + 1), text.size());
    auto name = text.substr(begin);
    constexpr std::string_view degree = "\u00b0";
    name.remove_prefix(name.starts_with(degree) && name != degree ? degree.size() : 0);
    const Unit* const unit = find_unit(measure, name == degree ? "deg" : name);
    text = unit != nullptr ? text.substr(0, last + 1) : text;
    return unit;
}

}  // namespace

std::string lowered(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    return lower;
}

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
                                     std::string_view unit, DecimalMark decimal) {
    const auto wrong = [&](std::string_view expected) {
        return fail(ErrorKind::invalid,
                    fmt::format("{}: '{}' is not {}", field.path, printable(text, 40), expected));
    };
    if (field.kind == DocumentKind::outlet && field.path == "state") {
        return parse_state(text);
    }
    if (field.type == FieldType::text) {
        return FieldValue(std::string(text));
    }
    if (field.type == FieldType::boolean) {
        const auto value = parse_boolean(text);
        return value ? Result<FieldValue>(*value) : wrong("true or false");
    }
    std::string_view number = text;
    const Unit* const given = unit.empty() ? nullptr : find_unit(field.measure, unit);
    const Unit* const written = take_unit(field.measure, number);
    if (given != nullptr && written != nullptr && given != written) {
        return wrong(fmt::format("in {}, as the map has it", unit));
    }
    bool unclear = false;
    auto value = read_number(number, decimal, unclear);
    if (!value) {
        return wrong(unclear ? "clear: is the comma a decimal one? Say --decimal-comma or "
                               "--decimal-point"
                             : "a number");
    }
    if (const Unit* known = written != nullptr ? written : given) {
        *value = (*value + known->offset) * known->factor;
    }
    if (const auto problem = impossible(field, *value); !problem.empty()) {
        return wrong(problem);
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
