// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <string>

#include "document/sample.h"

namespace pwlog {

/// A value for people, as the table of fields has it: "512 W", "87 % charge", "PF 0.85"; "- W"
/// where it is not known. Without `utf8` in ASCII.
std::string shown_value(const FieldValues& values, Field field, bool utf8);

/// The fields in the title of a device of this kind, the most important first; the `first` of them.
std::vector<Field> title_fields(DocumentKind kind,
                                std::size_t first = std::numeric_limits<std::size_t>::max());

/// Their values, a comma between them, in ASCII.
std::string title_values(const FieldValues& values, const std::vector<Field>& fields);

}  // namespace pwlog
