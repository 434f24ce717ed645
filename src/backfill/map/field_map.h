// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/map/field_value.h"
#include "backfill/map/time_bounds.h"
#include "backfill/map/time_format.h"
#include "backfill/sources/mapped_source.h"

namespace pwlog {

/// A name and a value that a source has: a CSV's column, a tag or a field of line protocol.
struct NamedValue {
    std::string_view name;
    std::string_view value;
};

/// Which of a source's values goes where. As text, a rule a line:
///
///     # comment
///     time           = @timestamp
///     "Power (kW)"   = pdu.power_w kW          column, field, unit it is given in
///     out1           = outlet1.power_w
///     rack           = device.id
///     device.id     := rack1-pdu               a value that no column has
///     [measurement=power outlet=in]            the rules below hold where these values are so
///     value          = pdu.power_w
///     [measurement=power]                      the first section that fits is taken
///     outlet         = outlet.number
///     value          = outlet.power_w
///
/// Fields are those of the documents, `powerwalker.` may be left out. Rules above the first section
/// hold everywhere.
class FieldMap {
  public:
    /// The error (invalid) names the line.
    static Result<FieldMap> parse(std::string_view text, const std::string& name);

    /// `column=field[:unit]`, as given on the command line.
    Result<void> add_option(std::string_view text);
    /// For columns that are called as our fields are: `@timestamp`, `powerwalker.pdu.power_w`.
    void add_by_name(std::string_view column);

    /// Whether a rule above the sections reads this column.
    bool has_column(std::string_view column) const;
    /// Why a row whose names may come twice cannot be read: one that is read has two values that
    /// differ. Empty: it can.
    std::string contradiction(std::span<const NamedValue> row) const;
    /// Of rules for one field the last one counts whose column has a value.
    void prefer_last();
    bool empty() const { return sections_.front().rules.empty() && sections_.size() == 1; }

    struct Rule {
        std::string column;  ///< empty: `constant` is the value
        std::string constant;
        enum class Goal { timestamp, device, outlet_number, field } goal = Goal::field;
        int outlet = 0;  ///< of `outlet3.power_w`; 0: the number is said elsewhere
        Field field{};
        std::string unit;
        bool second_choice = false;
    };
    struct Section {
        std::vector<std::pair<std::string, std::string>> conditions;
        std::vector<Rule> rules;
    };
    const std::vector<Section>& sections() const { return sections_; }

  private:
    Result<void> add_line(std::string_view line);
    Result<Rule> make_rule(std::string_view target, std::string_view unit) const;

    std::vector<Section> sections_ = std::vector<Section>(1);
};

/// What a map needs besides its rules.
struct MappingOptions {
    std::string pdu;  ///< device.id where no rule gives one
    std::string ats;
    TimeFormat time{};
    TimeBounds bounds{};
    DecimalMark decimal = DecimalMark::unsaid;
    std::string ups{};
};

/// The values of one row, by the map. `when`: the row's own time, where it has one beside its
/// columns.
ParsedLine map_values(const FieldMap& map, const MappingOptions& options,
                      const std::vector<NamedValue>& row, std::optional<Timestamp> when);

}  // namespace pwlog
