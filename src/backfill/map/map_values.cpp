// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>

#include "backfill/map/field_map.h"
#include "backfill/map/field_value.h"
#include "base/printable.h"
#include "document/field_table.h"
#include "protocol/pdu.h"

namespace pwlog {
namespace {

// How "no value" is written: by tables, databases, Grafana, Excel, Home Assistant and NUT.
bool is_absent(std::string_view value) {
    constexpr std::size_t longest = 11;
    constexpr std::string_view beginnings = "-(<#\\nNuU";
    if (value.empty() || value.size() > longest ||
        beginnings.find(value.front()) == beginnings.npos) {
        return value.empty();
    }
    static constexpr std::array<std::string_view, 15> forms{
        "-",     "null",    "(null)",      "nan",       "n/a",     "na",    "#n/a", "none",
        "---.-", "unknown", "unavailable", "undefined", "no data", "<nil>", "\\n"};
    const auto lower = lowered(value);
    return std::find(forms.begin(), forms.end(), lower) != forms.end();
}

/// Applies the rules of the sections that hold to one row.
class RowMapper {
  public:
    RowMapper(const MappingOptions& options, const std::vector<NamedValue>& row,
              std::optional<Timestamp> when)
        : options_(options), row_(row), time_(when) {}

    ParsedLine map(const FieldMap& map) {
        const auto& sections = map.sections();
        values_.reserve(row_.size());
        apply(sections.front().rules);
        bool fits = sections.size() == 1 || !sections.front().rules.empty();
        for (std::size_t i = 1; i < sections.size(); ++i) {
            if (holds(sections[i])) {
                apply(sections[i].rules);
                fits = true;
                break;
            }
        }
        if (!fits) {
            return {};
        }
        return finish();
    }

  private:
    /// Rules are mostly in the order of the columns, so the next one is looked at first.
    const std::string_view* find_value(std::string_view name) const {
        for (std::size_t i = 0; i < row_.size(); ++i, ++next_) {
            next_ = next_ < row_.size() ? next_ : 0;
            if (row_[next_].name == name) {
                return &row_[next_++].value;
            }
        }
        return nullptr;
    }

    bool holds(const FieldMap::Section& section) const {
        for (const auto& [name, wanted] : section.conditions) {
            const auto* value = find_value(name);
            if (value == nullptr || *value != wanted) {
                return false;
            }
        }
        return true;
    }

    void apply(const std::vector<FieldMap::Rule>& rules) {
        for (const auto& rule : rules) {
            const auto* value = rule.column.empty() ? nullptr : find_value(rule.column);
            const std::string_view text = rule.column.empty() ? std::string_view(rule.constant)
                                          : value != nullptr  ? *value
                                                              : std::string_view();
            const bool absent = is_absent(text);
            lacks_time_ = lacks_time_ || (absent && rule.goal == FieldMap::Rule::Goal::timestamp);
            if (!absent) {
                take(rule, text);
            }
        }
    }

    void take(const FieldMap::Rule& rule, std::string_view text) {
        switch (rule.goal) {
            case FieldMap::Rule::Goal::timestamp:
                take_time(rule, text);
                break;
            case FieldMap::Rule::Goal::device:
                device_ = text;
                break;
            case FieldMap::Rule::Goal::outlet_number:
                take_outlet(rule, text);
                break;
            case FieldMap::Rule::Goal::field:
                take_field(rule, text);
                break;
        }
    }

    void take_time(const FieldMap::Rule& rule, std::string_view text) {
        const auto time = options_.time.parse(text);
        if (!time) {
            refuse(fmt::format("{}: {}", rule.column, time.error().message));
        } else if (time_is_mapped_ && *time != *time_) {
            refuse("two columns are mapped to @timestamp, and they differ");
        } else {
            time_ = *time;
            time_is_mapped_ = true;
        }
    }

    // `3`, `out3`, `outlet 3`
    void take_outlet(const FieldMap::Rule& rule, std::string_view text) {
        const std::size_t digits = text.find_first_of("0123456789");
        const auto number = digits == text.npos ? text : text.substr(digits);
        if (number.size() != 1 || number[0] < '1' || number[0] > '8') {
            refuse(fmt::format("{}: '{}' is not an outlet from 1 to 8", rule.column,
                               printable(text, 40)));
            return;
        }
        outlet_ = number[0] - '0';
    }

    void take_field(const FieldMap::Rule& rule, std::string_view text) {
        const auto& field = row_of(rule.field);
        auto value = parse_field_value(field, text, rule.unit, options_.decimal);
        if (!value) {
            refuse(rule.column.empty() ? value.error().message
                                       : fmt::format("{}: {}", rule.column, value.error().message));
            return;
        }
        SampleValue added{};
        added.kind = field.kind;
        added.outlet = rule.outlet;
        added.field = rule.field;
        added.value = std::move(*value);
        added.second_choice = rule.second_choice;
        values_.push_back(std::move(added));
    }

    void refuse(std::string reason) {
        if (reason_.empty()) {
            reason_ = std::move(reason);
        }
    }

    ParsedLine finish() {
        if (!reason_.empty()) {
            return {ParsedLine::Kind::bad, {}, reason_};
        }
        leave_out_second_choices();
        if (values_.empty()) {
            return {};
        }
        if (!time_) {
            return {ParsedLine::Kind::bad,
                    {},
                    lacks_time_ ? "it has no time: what is mapped to @timestamp is empty"
                                : "it has no time: nothing is mapped to @timestamp"};
        }
        if (auto problem = options_.bounds.problem(*time_); !problem.empty()) {
            return {ParsedLine::Kind::bad, {}, std::move(problem)};
        }
        for (auto& value : values_) {
            value.time = *time_;
            value.device = !device_.empty()                  ? std::string(device_)
                           : value.kind == DocumentKind::ats ? options_.ats
                           : value.kind == DocumentKind::ups ? options_.ups
                                                             : options_.pdu;
            if (value.kind == DocumentKind::outlet && value.outlet == 0) {
                value.outlet = outlet_;
            }
            if (value.device.empty()) {
                return {ParsedLine::Kind::impossible,
                        {},
                        "which device is it? Map a column to device.id, or give --pdu ID, --ats "
                        "ID or --ups ID"};
            }
            if (value.kind == DocumentKind::outlet && value.outlet == 0) {
                return {ParsedLine::Kind::bad,
                        {},
                        "it has no outlet's number: nothing is mapped to outlet.number"};
            }
            if (contradicts(value)) {
                return {ParsedLine::Kind::bad,
                        {},
                        fmt::format("{} has two values in it that differ: map only one of them",
                                    row_of(value.field).path)};
            }
        }
        return {ParsedLine::Kind::values, std::move(values_), {}};
    }

    void leave_out_second_choices() {
        std::erase_if(values_, [this](const SampleValue& value) {
            return value.second_choice &&
                   std::any_of(values_.begin(), values_.end(), [&](const SampleValue& other) {
                       return other.field == value.field && !other.second_choice;
                   });
        });
    }

    /// Whether one before it is of the same field, and another.
    bool contradicts(const SampleValue& value) {
        const auto place = static_cast<std::size_t>(value.field) * (pdu::outlet_count + 1) +
                           static_cast<std::size_t>(value.outlet);
        const bool again = seen_[place];
        seen_.set(place);
        return again && std::any_of(values_.begin(), values_.end(), [&](const SampleValue& other) {
                   return other.field == value.field && other.outlet == value.outlet &&
                          other.value != value.value;
               });
    }

    const MappingOptions& options_;
    const std::vector<NamedValue>& row_;
    mutable std::size_t next_ = 0;
    std::optional<Timestamp> time_;
    bool time_is_mapped_ = false;
    bool lacks_time_ = false;  // where it should stand
    std::string_view device_;
    int outlet_ = 0;
    std::bitset<field_table.size() * (pdu::outlet_count + 1)> seen_;
    std::vector<SampleValue> values_;
    std::string reason_;
};

}  // namespace

ParsedLine map_values(const FieldMap& map, const MappingOptions& options,
                      const std::vector<NamedValue>& row, std::optional<Timestamp> when) {
    return RowMapper(options, row, when).map(map);
}

}  // namespace pwlog
