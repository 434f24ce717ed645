// SPDX-License-Identifier: MIT
#include "document/sample.h"

#include <algorithm>

namespace pwlog {

namespace {

/// Where the field stands, or would stand.
auto place(auto& items, Field field) {
    return std::lower_bound(items.begin(), items.end(), field,
                            [](const auto& item, Field wanted) { return item.first < wanted; });
}

}  // namespace

void FieldValues::set(Field field, FieldValue value) {
    constexpr std::size_t usual = 16;  // with what is derived
    if (items_.empty()) {
        items_.reserve(usual);
    }
    const auto at = place(items_, field);
    if (at != items_.end() && at->first == field) {
        at->second = std::move(value);
    } else {
        items_.emplace(at, field, std::move(value));
    }
}

void FieldValues::supply(Field field, FieldValue value) {
    if (const auto at = place(items_, field); at == items_.end() || at->first != field) {
        items_.emplace(at, field, std::move(value));
    }
}

void FieldValues::drop(Field field) {
    if (const auto at = place(items_, field); at != items_.end() && at->first == field) {
        items_.erase(at);
    }
}

const FieldValue* FieldValues::find(Field field) const {
    const auto at = place(items_, field);
    return at != items_.end() && at->first == field ? &at->second : nullptr;
}

std::optional<double> FieldValues::number(Field field) const {
    const auto* const value = find(field);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (const auto* const whole = std::get_if<std::int64_t>(value)) {
        return static_cast<double>(*whole);
    }
    const auto* const real = std::get_if<double>(value);
    return real != nullptr ? std::optional(*real) : std::nullopt;
}

std::optional<bool> FieldValues::flag(Field field) const {
    const auto* const value = find(field);
    const auto* const flag = value != nullptr ? std::get_if<bool>(value) : nullptr;
    return flag != nullptr ? std::optional(*flag) : std::nullopt;
}

const std::string* FieldValues::text(Field field) const {
    const auto* const value = find(field);
    return value != nullptr ? std::get_if<std::string>(value) : nullptr;
}

std::string FieldValues::text_or_none(Field field) const {
    const auto* const found = text(field);
    return found != nullptr ? *found : std::string();
}

}  // namespace pwlog
