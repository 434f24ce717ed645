// SPDX-License-Identifier: MIT
#include "document/fields.h"

#include <algorithm>

namespace pwlog {

std::optional<Field> find_field(DocumentKind kind, std::string_view path) {
    const auto table = field_table();
    const auto found = std::find_if(table.begin(), table.end(), [&](const FieldRow& row) {
        return row.kind == kind && row.path == path;
    });
    return found == table.end() ? std::nullopt
                                : std::optional(static_cast<Field>(found - table.begin()));
}

}  // namespace pwlog
