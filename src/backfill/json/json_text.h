// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace pwlog {

/// How many bytes at the start are well-formed UTF-8; all of them if it is the text's size.
std::size_t valid_utf8_length(std::string_view text);

/// The text that a string's raw form stands for; lone surrogates become U+FFFD.
std::string unescape_json(std::string_view raw);

}  // namespace pwlog
