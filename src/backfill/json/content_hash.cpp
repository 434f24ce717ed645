// SPDX-License-Identifier: MIT
#include "backfill/json/content_hash.h"

#define XXH_INLINE_ALL  // texts of twenty bytes: a call would take longer than the hash

#include <xxhash.h>

namespace pwlog {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view without_blanks_before(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    return text;
}

std::string_view without_blanks_behind(std::string_view text) {
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

/// Without the blanks around it and beside its colon, and without the brackets that close there.
std::uint64_t stretch_hash(std::string_view member) {
    member = without_blanks_before(member);
    while (!member.empty() &&
           (is_blank(member.back()) || member.back() == '}' || member.back() == ']')) {
        member.remove_suffix(1);
    }
    for (auto colon = member.find(':'); colon != member.npos; colon = member.find(':', colon + 1)) {
        const auto name = without_blanks_behind(member.substr(0, colon));
        if (name.ends_with('"')) {
            return member_hash(hash_of(name), without_blanks_before(member.substr(colon + 1)));
        }
    }
    return hash_of(member);
}

}  // namespace

std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

std::uint64_t member_hash(std::uint64_t name, std::string_view value) {
    return XXH3_64bits_withSeed(value.data(), value.size(), name);
}

// Where a text holds commas or braces its parts are the same
// wherever it stands.
std::uint64_t content_hash(std::string_view json) {
    std::uint64_t sum = 0;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < json.size(); ++at) {
        if (is_stretch_end(json[at])) {
            sum += stretch_hash(json.substr(begin, at - begin));
            begin = at + 1;
        }
    }
    return sum + stretch_hash(json.substr(begin));
}

}  // namespace pwlog
