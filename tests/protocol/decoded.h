// SPDX-License-Identifier: MIT
#pragma once

#include <rapidjson/document.h>

#include <string_view>

#include "base/result.h"

namespace pwlog::test {

/// Decodes an answer with the decoder its command belongs to and shows every field as JSON; "none"
/// is null.
Result<rapidjson::Document> decode(std::string_view device, std::string_view command,
                                   std::string_view payload);

std::string_view kind_name(ErrorKind kind);

}  // namespace pwlog::test
