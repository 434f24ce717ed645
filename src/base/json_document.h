// SPDX-License-Identifier: MIT
#pragma once

#include <rapidjson/fwd.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pwlog::json {

/// Deeper than anything that we or a server of ours write. Whoever walks over a document, its own
/// `Accept` included, may do so by recursion.
inline constexpr int deepest = 100;
/// A tree takes up to twenty times its text.
inline constexpr std::size_t longest_text = std::size_t{4} * 1024 * 1024;

/// The one way from text to a tree, whoever wrote the text: a few megabytes of brackets must not
/// end the program. `invalid`, with the place and without the text, for what is no JSON, no UTF-8,
/// nested deeper than `deepest`, or longer than `longest`; the document is null then.
Result<void> parse(rapidjson::Document& document, std::string_view text,
                   std::size_t longest = longest_text);

/// The way back, on one line.
std::string to_text(const rapidjson::Value& value);

}  // namespace pwlog::json
