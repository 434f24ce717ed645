// SPDX-License-Identifier: MIT
#include "document/read.h"

#include <rapidjson/document.h>

#include "base/json_document.h"
#include "base/json_member.h"

namespace pwlog {
namespace {

using rapidjson::Value;

/// What the field has in the object of its kind; null where that is of another type, or absent.
std::optional<FieldValue> value_of(const Value& object, const FieldRow& row) {
    const std::string path(row.path);
    const auto dot = path.find('.');
    const Value& value = dot == path.npos
                             ? json::member(object, path.c_str())
                             : json::member(json::member(object, path.substr(0, dot).c_str()),
                                            path.c_str() + dot + 1);
    switch (row.type) {
        case FieldType::integer:
            return value.IsInt64() ? std::optional<FieldValue>(std::int64_t{value.GetInt64()})
                                   : std::nullopt;
        case FieldType::real:
            return value.IsNumber() ? std::optional<FieldValue>(value.GetDouble()) : std::nullopt;
        case FieldType::boolean:
            return value.IsBool() ? std::optional<FieldValue>(value.GetBool()) : std::nullopt;
        case FieldType::text:
            break;
    }
    return value.IsString()
               ? std::optional<FieldValue>(std::string(value.GetString(), value.GetStringLength()))
               : std::nullopt;
}

}  // namespace

std::optional<Sample> read(std::string_view text) {
    rapidjson::Document document;
    if (!json::parse(document, text)) {
        return std::nullopt;
    }
    const auto dataset = json::text(json::member(document, "event"), "dataset");
    const auto kind = document_kind(dataset);
    const std::string name = dataset.substr(dataset.find('.') + 1);
    const Value& object = json::member(json::member(document, "powerwalker"), name.c_str());
    if (!kind || *kind == DocumentKind::events || !object.IsObject()) {
        return std::nullopt;
    }
    Sample sample;
    sample.kind = *kind;
    for (std::size_t i = 0; i < field_table.size(); ++i) {
        if (field_table[i].kind == *kind) {
            if (auto value = value_of(object, field_table[i])) {
                sample.values.set(static_cast<Field>(i), *std::move(value));
            }
        }
    }
    sample.outlet = static_cast<int>(sample.values.number(Field::outlet_number).value_or(0));
    return sample;
}

}  // namespace pwlog
