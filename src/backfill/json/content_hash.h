// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pwlog {

/// All of its 64 bits count, on every machine: 32 are too few to tell the documents of years apart.
std::uint64_t hash_of(std::string_view text);

/// The content_hash() of a member, by the hash_of() its name with the quotes.
std::uint64_t member_hash(std::uint64_t name, std::string_view value);

/// Whatever the order of a document's members and the blanks between them, the same number. It is
/// the sum of its stretches' numbers, where one ends at a comma or an opening brace, so that of a
/// document that differs from a known one only those that differ have to be looked at.
std::uint64_t content_hash(std::string_view json);

/// Ends a stretch.
inline bool is_stretch_end(char c) { return c == ',' || c == '{'; }

}  // namespace pwlog
