// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include "document/sample.h"

namespace pwlog {

/// The way back from `write`: a metric document as the sample that it was made of, by the table.
/// None for events and for what is no document of ours. A value of another type than the table's
/// is left out.
std::optional<Sample> read(std::string_view json);

}  // namespace pwlog
