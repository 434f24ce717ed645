// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "document/document_kind.h"
#include "document/field_id.h"

namespace pwlog {

enum class FieldType { integer, real, boolean, text };

/// What a number measures; its unit in documents in brackets.
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

/// Of the readings between two documents, of the field that stands before.
enum class Extreme { none, least, greatest };

/// One field of a metric document.
struct FieldRow {
    DocumentKind kind;
    std::string_view path;  ///< below `powerwalker.pdu.` or whichever is the kind's
    FieldType type;
    Measure measure;
    Extreme extreme;
    std::string_view label;  ///< what a person calls it
};

/// All of them, in the order in which documents have them; those of one kind stand together. The
/// position is the Field's number. Made from mappings/fields.yml.
std::span<const FieldRow> field_table();

inline const FieldRow& row_of(Field field) {
    return field_table()[static_cast<std::size_t>(field)];
}

/// None where documents of this kind have no such field.
std::optional<Field> find_field(DocumentKind kind, std::string_view path);

}  // namespace pwlog
