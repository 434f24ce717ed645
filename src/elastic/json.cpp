// SPDX-License-Identifier: MIT
#include "elastic/json.h"

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include "base/json_document.h"

namespace pwlog {

namespace {

/// Single values stand in short answers.
constexpr std::size_t longest_text = std::size_t{512} * 1024;

const rapidjson::Value* find(rapidjson::Document& document, std::string_view text,
                             const char* pointer) {
    return json::parse(document, text, longest_text) ? rapidjson::Pointer(pointer).Get(document)
                                                     : nullptr;
}

}  // namespace

std::string json_text(std::string_view json, const char* pointer) {
    rapidjson::Document document;
    const auto* value = find(document, json, pointer);
    return value != nullptr && value->IsString()
               ? std::string(value->GetString(), value->GetStringLength())
               : std::string();
}

std::optional<std::int64_t> json_integer(std::string_view json, const char* pointer) {
    rapidjson::Document document;
    const auto* value = find(document, json, pointer);
    return value != nullptr && value->IsInt64() ? std::optional(value->GetInt64()) : std::nullopt;
}

}  // namespace pwlog
