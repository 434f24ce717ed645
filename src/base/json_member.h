// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

/// Members of a parsed JSON object, as values of the kind that is wanted; what is absent or of
/// another kind is none. Templates, so that RapidJSON's headers stay in the sources: `Object` is
/// its Value or Document.
namespace pwlog::json {

/// The member, or null where there is none or `object` is no object.
template <class Object>
const typename Object::ValueType& member(const Object& object, const char* key) {
    static const typename Object::ValueType null;
    if (!object.IsObject()) {
        return null;
    }
    const auto found = object.FindMember(key);
    return found == object.MemberEnd() ? null : found->value;
}

/// Empty where there is no such text.
template <class Object>
std::string text(const Object& object, const char* key) {
    const auto& value = member(object, key);
    return value.IsString() ? std::string(value.GetString(), value.GetStringLength())
                            : std::string();
}

template <class Object>
std::optional<std::int64_t> integer(const Object& object, const char* key) {
    const auto& value = member(object, key);
    return value.IsInt64() ? std::optional<std::int64_t>(value.GetInt64()) : std::nullopt;
}

/// Any number, whole or not.
template <class Object>
std::optional<double> number(const Object& object, const char* key) {
    const auto& value = member(object, key);
    return value.IsNumber() ? std::optional<double>(value.GetDouble()) : std::nullopt;
}

/// Of a list; none where it is no list.
template <class Object>
std::span<const typename Object::ValueType> elements(const Object& object, const char* key) {
    const auto& list = member(object, key);
    return list.IsArray() ? std::span<const typename Object::ValueType>(list.Begin(), list.Size())
                          : std::span<const typename Object::ValueType>();
}

template <class Object>
bool is_true(const Object& object, const char* key) {
    return member(object, key).IsTrue();
}

}  // namespace pwlog::json
