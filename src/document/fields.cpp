// SPDX-License-Identifier: MIT
#include "document/fields.h"

#include <algorithm>

namespace pwlog {

std::optional<Field> find_field(DocumentKind kind, std::string_view path) {
    const auto* const found =
        std::find_if(field_table.begin(), field_table.end(),
                     [&](const FieldRow& row) { return row.kind == kind && row.path == path; });
    return found == field_table.end()
               ? std::nullopt
               : std::optional(static_cast<Field>(found - field_table.begin()));
}

}  // namespace pwlog
