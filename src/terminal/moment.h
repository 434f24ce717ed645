// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace pwlog {

/// A moment given to an option: `2026-11-22T10:00:00+01:00`, `2026-11-22` (midnight UTC, as indices
/// change at it), or `30d` for so long ago. None for an empty text. Error: invalid, with examples.
Result<std::optional<Timestamp>> parse_moment(const std::string& text, std::string_view option);

}  // namespace pwlog
