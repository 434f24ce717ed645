// SPDX-License-Identifier: MIT
#include "base/json_object.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <cmath>

namespace pwlog {

struct JsonObject::Writer {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json{buffer};

    void key(std::string_view name) {
        json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    }
    void text(std::string_view value) {
        json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    }
};

JsonObject::JsonObject() : writer_(std::make_unique<Writer>()) { writer_->json.StartObject(); }

JsonObject::~JsonObject() = default;

void JsonObject::open(std::string_view key) {
    writer_->key(key);
    writer_->json.StartObject();
}

void JsonObject::close() { writer_->json.EndObject(); }

void JsonObject::open_list(std::string_view key) {
    writer_->key(key);
    writer_->json.StartArray();
}

void JsonObject::open_item() { writer_->json.StartObject(); }

void JsonObject::close_list() { writer_->json.EndArray(); }

void JsonObject::add(std::string_view key, std::string_view value) {
    writer_->key(key);
    writer_->text(value);
}

void JsonObject::add(std::string_view key, double value) {
    if (std::isfinite(value)) {
        writer_->key(key);
        writer_->json.Double(value);
    }
}

void JsonObject::add(std::string_view key, std::int64_t value) {
    writer_->key(key);
    writer_->json.Int64(value);
}

void JsonObject::add(std::string_view key, bool value) {
    writer_->key(key);
    writer_->json.Bool(value);
}

void JsonObject::add(std::string_view key, const std::vector<std::string>& list) {
    open_list(key);
    for (const auto& text : list) {
        add_item(text);
    }
    close_list();
}

void JsonObject::add_text(std::string_view key, std::string_view text) {
    if (!text.empty()) {
        add(key, text);
    }
}

void JsonObject::add_item(std::string_view value) { writer_->text(value); }

void JsonObject::add_raw(std::string_view key, std::string_view json) {
    writer_->key(key);
    writer_->json.RawValue(json.data(), json.size(), rapidjson::kObjectType);
}

void JsonObject::add_raw_item(std::string_view json) {
    writer_->json.RawValue(json.data(), json.size(), rapidjson::kObjectType);
}

std::string JsonObject::take() {
    writer_->json.EndObject();
    return {writer_->buffer.GetString(), writer_->buffer.GetSize()};
}

double rounded(double value, int decimals) {
    static constexpr std::array scales{1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
    const double scale = scales.at(static_cast<std::size_t>(decimals));
    return std::round(value * scale) / scale;
}

}  // namespace pwlog
