#include "elastic/json.h"

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

namespace pwlog {

namespace {

/// Parsed without recursion; the bound is what a hostile text of nothing but brackets may cost
/// (about 20 MB).
constexpr std::size_t longest_text = std::size_t{512} * 1024;

const rapidjson::Value* find(rapidjson::Document& document, std::string_view json,
                             const char* pointer) {
    if (json.size() > longest_text) {
        return nullptr;
    }
    document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
    return document.HasParseError() ? nullptr : rapidjson::Pointer(pointer).Get(document);
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
