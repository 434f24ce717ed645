// SPDX-License-Identifier: MIT
#include "backfill/map/field_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "backfill/map/field_value.h"
#include "base/printable.h"

namespace pwlog {
namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    return begin == text.npos ? std::string_view()
                              : text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// A word, or a text in quotes, off the front.
std::string take_word(std::string_view& text, std::string_view ends) {
    text = trimmed(text);
    if (text.starts_with('"')) {
        const std::size_t end = std::min(text.find('"', 1), text.size());
        std::string word(text.substr(1, end - 1));
        text.remove_prefix(std::min(end + 1, text.size()));
        return word;
    }
    const std::size_t end = std::min(text.find_first_of(ends), text.size());
    std::string word(trimmed(text.substr(0, end)));
    text.remove_prefix(end);
    return word;
}

std::optional<DocumentKind> kind_of(std::string_view name) {
    return name == "pdu"      ? std::optional(DocumentKind::pdu)
           : name == "outlet" ? std::optional(DocumentKind::outlet)
           : name == "ats"    ? std::optional(DocumentKind::ats)
           : name == "ups"    ? std::optional(DocumentKind::ups)
                              : std::nullopt;
}

std::string_view without_family(std::string_view target) {
    constexpr std::string_view family = "powerwalker.";
    return target.starts_with(family) ? target.substr(family.size()) : target;
}

}  // namespace

Result<FieldMap::Rule> FieldMap::make_rule(std::string_view target, std::string_view unit) const {
    Rule rule;
    rule.unit = unit;
    if (target == "@timestamp" || target == "device.id" ||
        without_family(target) == "outlet.number") {
        rule.goal = target == "@timestamp"  ? Rule::Goal::timestamp
                    : target == "device.id" ? Rule::Goal::device
                                            : Rule::Goal::outlet_number;
        return unit.empty() ? Result<Rule>(rule)
                            : fail(ErrorKind::invalid, fmt::format("{} has no unit", target));
    }
    const auto path = without_family(target);
    const std::size_t dot = path.find('.');
    auto room = path.substr(0, dot);
    if (room.size() == 7 && room.starts_with("outlet") && room[6] >= '1' && room[6] <= '8') {
        rule.outlet = room[6] - '0';
        room = room.substr(0, 6);
    }
    const auto kind = kind_of(room);
    const auto field =
        kind && dot != path.npos ? find_field(*kind, path.substr(dot + 1)) : std::nullopt;
    if (!field) {
        return fail(ErrorKind::invalid,
                    fmt::format("there is no field '{}'; known are @timestamp, device.id, "
                                "outlet.number and those of the documents, such as pdu.power_w, "
                                "outlet3.power_w, ats.source1_v",
                                printable(target, 60)));
    }
    rule.field = *field;
    if (const auto known = check_unit(row_of(*field), unit); !known) {
        return pass_on(known);
    }
    return rule;
}

Result<void> FieldMap::add_option(std::string_view text) {
    std::string_view rest = text;
    const auto column = take_word(rest, "=");
    if (column.empty() || !rest.starts_with('=')) {
        return fail(ErrorKind::invalid, fmt::format("--map {}: expected column=field or "
                                                    "column=field:unit",
                                                    printable(text)));
    }
    rest.remove_prefix(1);
    const auto target = take_word(rest, ":");
    const auto unit = rest.starts_with(':') ? trimmed(rest.substr(1)) : std::string_view();
    auto rule = make_rule(target, unit);
    if (!rule) {
        return fail(ErrorKind::invalid,
                    fmt::format("--map {}: {}", printable(text), rule.error().message));
    }
    rule->column = column;
    sections_.front().rules.push_back(std::move(*rule));
    return {};
}

void FieldMap::add_by_name(std::string_view column) {
    if (auto rule = make_rule(column, "")) {
        rule->column = column;
        sections_.front().rules.push_back(std::move(*rule));
    }
}

void FieldMap::prefer_last() {
    for (auto& [conditions, rules] : sections_) {
        for (auto rule = rules.begin(); rule != rules.end(); ++rule) {
            rule->second_choice = std::any_of(rule + 1, rules.end(), [&](const Rule& other) {
                return rule->goal == Rule::Goal::field && other.goal == rule->goal &&
                       other.field == rule->field && other.outlet == rule->outlet;
            });
        }
    }
}

bool FieldMap::has_column(std::string_view column) const {
    const auto& rules = sections_.front().rules;
    return std::any_of(rules.begin(), rules.end(),
                       [&](const Rule& rule) { return rule.column == column; });
}

std::string FieldMap::contradiction(std::span<const NamedValue> row) const {
    const auto differs = [&](const std::string& name) {
        const auto has_name = [&](const NamedValue& value) { return value.name == name; };
        const auto first = std::find_if(row.begin(), row.end(), has_name);
        return first != row.end() && std::any_of(first, row.end(), [&](const NamedValue& value) {
                   return has_name(value) && value.value != first->value;
               });
    };
    const auto blame = [](const std::string& name) {
        return fmt::format("'{}' is there twice, with values that differ", printable(name, 80));
    };
    for (const auto& section : sections_) {
        for (const auto& [name, wanted] : section.conditions) {
            if (differs(name)) {
                return blame(name);
            }
        }
        for (const auto& rule : section.rules) {
            if (!rule.column.empty() && differs(rule.column)) {
                return blame(rule.column);
            }
        }
    }
    return {};
}

Result<void> FieldMap::add_line(std::string_view line) {
    std::string_view rest = line;
    if (rest.starts_with('[')) {
        if (!rest.ends_with(']')) {
            return fail(ErrorKind::invalid, "a section ends with ']'");
        }
        rest = rest.substr(1, rest.size() - 2);
        auto& section = sections_.emplace_back();
        while (!trimmed(rest).empty()) {
            auto name = take_word(rest, "=");
            if (!rest.starts_with('=')) {
                return fail(ErrorKind::invalid, "a section is [name=value name=value]");
            }
            rest.remove_prefix(1);
            section.conditions.emplace_back(std::move(name), take_word(rest, " \t"));
        }
        return {};
    }
    auto name = take_word(rest, "=");
    const bool constant = name.ends_with(':');
    if (!rest.starts_with('=') && !trimmed(rest).starts_with('=')) {
        return fail(ErrorKind::invalid, "expected column = field [unit], or field := value");
    }
    rest = trimmed(rest).substr(1);
    if (constant) {
        auto rule = make_rule(trimmed(std::string_view(name).substr(0, name.size() - 1)), "");
        if (!rule) {
            return pass_on(rule);
        }
        rule->constant = take_word(rest, "");
        sections_.back().rules.push_back(std::move(*rule));
        return {};
    }
    const auto target = take_word(rest, " \t");
    auto rule = make_rule(target, trimmed(rest));
    if (!rule) {
        return pass_on(rule);
    }
    rule->column = std::move(name);
    sections_.back().rules.push_back(std::move(*rule));
    return {};
}

Result<FieldMap> FieldMap::parse(std::string_view text, const std::string& name) {
    FieldMap map;
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const auto line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') {
            continue;
        }
        if (const auto added = map.add_line(line); !added) {
            return fail(ErrorKind::invalid,
                        fmt::format("{}:{}: {}", name, number, added.error().message));
        }
    }
    return map;
}

}  // namespace pwlog
