// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <type_traits>

namespace pwlog {

/// As std::isdigit() would say it, whatever the locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Also of nothing.
constexpr bool are_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_digit);
}

/// The number that all of `text` is, in std::from_chars' words; none for anything else, also for
/// what is not finite or does not fit. `format`: a base, or std::chars_format.
template <class Number, class... Format>
std::optional<Number> parse_number(std::string_view text, Format... format) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number, format...);
    if (error != std::errc{} || rest != end) {
        return std::nullopt;
    }
    if constexpr (std::is_floating_point_v<Number>) {
        return std::isfinite(number) ? std::optional(number) : std::nullopt;
    }
    return number;
}

}  // namespace pwlog
