// SPDX-License-Identifier: MIT
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

#include "elastic/bulk.h"

namespace pwlog {

namespace {

constexpr std::size_t kept_memory = std::size_t{64} * 1024;

/// `{"create":{"_index":"…","_id":"…"}}` and the line's end, by a JSON writer: an id with a quote
/// must not be able to break the request.
void write_action(std::string_view index, std::string_view id, std::string_view action,
                  std::string& line) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    const auto put = [&writer](std::string_view text) {
        writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    };
    writer.StartObject();
    put(action);
    writer.StartObject();
    put("_index");
    put(index);
    if (!id.empty()) {
        put("_id");
        put(id);
    }
    writer.EndObject();
    writer.EndObject();
    line.assign(buffer.GetString(), buffer.GetSize());
    line += '\n';
}

}  // namespace

std::string_view action_name(OnConflict on_conflict) {
    return on_conflict == OnConflict::keep ? "create" : "index";
}

std::string_view BulkBody::action_for(std::string_view index, std::string_view id) {
    const auto name = action_name(on_conflict_);
    if (!id.empty()) {
        write_action(index, id, name, scratch_);
        return scratch_;
    }
    if (index_ != index || action_.empty()) {
        index_ = index;
        write_action(index, id, name, action_);
    }
    return action_;
}

BulkBody::Added BulkBody::add(std::string_view index, std::string_view id, std::string_view json) {
    if (json.empty() || json.find('\n') != std::string_view::npos) {
        return Added::invalid;
    }
    const auto action = action_for(index, id);
    const std::size_t longer = text_.size() + action.size() + json.size() + 1;
    if (count_ > 0 && (count_ >= limits_.documents || longer > limits_.bytes)) {
        return Added::full;
    }
    text_ += action;
    text_ += json;
    text_ += '\n';
    ++count_;
    return Added::yes;
}

void BulkBody::expect(std::size_t bytes) {
    constexpr std::size_t block = std::size_t{64} * 1024;
    bytes = std::min(bytes, limits_.bytes);
    if (text_.empty() && bytes > text_.capacity()) {
        text_ = std::string();  // not both at once
        text_.reserve((bytes + block - 1) / block * block);
    }
}

void BulkBody::clear() {
    // After a backlog the samples of one cycle need little: give the rest back to the system.
    if (text_.capacity() > kept_memory && text_.size() < text_.capacity() / 8) {
        text_ = std::string();
    }
    text_.clear();
    count_ = 0;
}

}  // namespace pwlog
