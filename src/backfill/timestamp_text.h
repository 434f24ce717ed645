#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace pwlog {

/// The instant of `2026-11-22T17:04:05.123Z` or `…+01:00`: the form of RFC 3339, whose zone may not
/// be absent here. Beyond milliseconds digits are cut, as Elasticsearch does for a `date`.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace pwlog
