// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "document/sample.h"

namespace pwlog {

/// What stands before decimals; the other one may group thousands.
enum class DecimalMark {
    unsaid,  ///< a point; a comma that could be either is refused
    point,
    comma,
};

/// Its letters A to Z small.
std::string lowered(std::string_view text);

/// A text as the field's value: `2.3` with the unit `kW` is 2300 for a power, and
/// so is `2.3 kW` with its unit or none. The error (invalid)
/// says what is wrong with the text. An unknown unit is an error of check_unit() already.
Result<FieldValue> parse_field_value(const FieldRow& field, std::string_view text,
                                     std::string_view unit, DecimalMark decimal);

/// Whether the field can be given in this unit; the error names those it can.
Result<void> check_unit(const FieldRow& field, std::string_view unit);

}  // namespace pwlog
