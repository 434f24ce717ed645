// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pwlog {

/// A member of a flat object: a text without its quotes and escapes, everything else as it stands.
struct JsonMember {
    std::string name;
    std::string value;
    bool is_object = false;  ///< value is an object's whole text
    bool is_null = false;
};

/// The members of one JSON object, in order. False where `json` is no valid object, or has two
/// values for one name; `error` says why.
bool read_members(std::string_view json, std::vector<JsonMember>& members, std::string& error);

}  // namespace pwlog
