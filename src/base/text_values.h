// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pwlog {

/// "10s", "20ms", "7d", "2y" as milliseconds; units ms s min (or m) h d y (365 d), whole numbers,
/// no sign, no blanks. None for anything else, also for what overflows.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "256MiB", "900KiB", "100MB", "512B" as bytes. None for anything else, a bare number too.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// "3 s", "5 min", "2 h", "4 d": how long, roughly; "0 s" for what is not positive.
std::string rough_duration(std::chrono::milliseconds duration);

/// "1 document", "3 documents".
std::string counted(std::uint64_t number, std::string_view noun);

/// The shortest text that parse_duration reads back as the same: 90000 ms is "90s".
std::string duration_text(std::chrono::milliseconds duration);

/// The shortest text that parse_size reads back as the same: 921600 is "900KiB".
std::string size_text(std::uint64_t bytes);

}  // namespace pwlog
