// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/json_object.h"

namespace pwlog {

/// `{"term":{"field":value}}`
template <class Value>
std::string term_filter(std::string_view field, const Value& value) {
    JsonObject json;
    json.open("term");
    json.add(field, value);
    json.close();
    return json.take();
}

}  // namespace pwlog
