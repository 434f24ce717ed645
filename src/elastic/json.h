// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pwlog {

/// Single values out of a server's answer, for the few that are looked at once. `pointer` is a JSON
/// pointer (RFC 6901). Texts beyond 512 KiB, or not JSON at all, have no values.

/// Empty where there is no such text.
std::string json_text(std::string_view json, const char* pointer);
std::optional<std::int64_t> json_integer(std::string_view json, const char* pointer);

}  // namespace pwlog
