// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace pwlog {

/// The instant of `2026-11-22T17:04:05.123Z` or `…+01:00`: the form of RFC 3339, whose zone may not
/// be absent here. Beyond milliseconds digits are cut, as Elasticsearch does for a `date`.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

/// Seconds since 1970 with or without a fraction: `1795377817.214980448`, cut to milliseconds.
std::optional<Timestamp> parse_epoch_seconds(std::string_view text);

}  // namespace pwlog
