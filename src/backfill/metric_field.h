#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "backfill/document_kind.h"
#include "base/result.h"

namespace pwlog {

/// What a number measures; each has a unit in documents (in brackets) and others that are known.
enum class Measure {
    none,       ///< a count, a code
    voltage,    ///< [V]
    current,    ///< [A]
    power,      ///< [W]
    apparent,   ///< [VA]
    frequency,  ///< [Hz]
    counter,    ///< [kWh]
    energy,     ///< [Wh]
    celsius,    ///< [C]
    ratio,      ///< [1], 1 = 100 %
    angle,      ///< [deg]
    seconds,    ///< [s]
};

enum class FieldType { integer, real, boolean, text };

/// One field of a metric document that history may hold.
struct MetricField {
    DocumentKind kind;
    std::string_view path;  ///< below `powerwalker.pdu.` or whichever is the kind's
    FieldType type;
    Measure measure = Measure::none;
};

using FieldValue = std::variant<std::int64_t, double, bool, std::string>;

/// All fields, in the order in which documents have them; those of one kind stand together.
std::span<const MetricField> metric_fields();

/// The field's position in metric_fields().
std::optional<std::size_t> find_metric_field(DocumentKind kind, std::string_view path);

/// A text as the field's value: `2.3` with the unit `kW` is 2300 for a power. The error (invalid)
/// says what is wrong with the text. An unknown unit is an error of check_unit() already.
Result<FieldValue> parse_field_value(const MetricField& field, std::string_view text,
                                     std::string_view unit, bool decimal_comma);

/// Whether the field can be given in this unit; the error names those it can.
Result<void> check_unit(const MetricField& field, std::string_view unit);

}  // namespace pwlog
