// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "document/field_table.h"

namespace pwlog {

constexpr const FieldRow& row_of(Field field) {
    return field_table[static_cast<std::size_t>(field)];
}

/// None where documents of this kind have no such field.
std::optional<Field> find_field(DocumentKind kind, std::string_view path);

/// What an ATS has for each of its two sources.
struct SourceFields {
    Field voltage, frequency, voltage_bad, freq_bad, wave_bad;
};
inline constexpr std::array<SourceFields, 2> source_fields{{
    {Field::ats_source1_v, Field::ats_source1_hz, Field::ats_source1_voltage_bad,
     Field::ats_source1_freq_bad, Field::ats_source1_wave_bad},
    {Field::ats_source2_v, Field::ats_source2_hz, Field::ats_source2_voltage_bad,
     Field::ats_source2_freq_bad, Field::ats_source2_wave_bad},
}};

}  // namespace pwlog
