// SPDX-License-Identifier: MIT
#include "control/control_protocol.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_document.h"
#include "base/json_object.h"
#include "base/printable.h"

namespace pwlog {

namespace {

constexpr std::string_view data_start = R"({"data":)";

constexpr std::array<std::pair<ErrorKind, std::string_view>, 14> kind_names{{
    {ErrorKind::timeout, "timeout"},
    {ErrorKind::refused, "refused"},
    {ErrorKind::garbled, "garbled"},
    {ErrorKind::gone, "gone"},
    {ErrorKind::busy, "busy"},
    {ErrorKind::wrong_device, "wrong_device"},
    {ErrorKind::denied, "denied"},
    {ErrorKind::not_found, "not_found"},
    {ErrorKind::invalid, "invalid"},
    {ErrorKind::unavailable, "unavailable"},
    {ErrorKind::full, "full"},
    {ErrorKind::corrupt, "corrupt"},
    {ErrorKind::stopped, "stopped"},
    {ErrorKind::io, "io"},
}};

ErrorKind kind_of(std::string_view name) {
    const auto* const found =
        std::find_if(kind_names.begin(), kind_names.end(),
                     [name](const auto& entry) { return entry.second == name; });
    return found == kind_names.end() ? ErrorKind::io : found->first;
}

std::string_view text_of(const rapidjson::Value& value) {
    return {value.GetString(), value.GetStringLength()};
}

std::optional<std::vector<std::string>> texts_of(const rapidjson::Value& list) {
    std::vector<std::string> texts;
    for (const auto& element : list.GetArray()) {
        if (!element.IsString()) {
            return std::nullopt;
        }
        texts.emplace_back(text_of(element));
    }
    return texts;
}

std::optional<ControlValue> value_of(const rapidjson::Value& value) {
    if (value.IsBool()) {
        return value.GetBool();
    }
    if (value.IsInt64()) {
        return value.GetInt64();
    }
    if (value.IsDouble()) {
        return value.GetDouble();
    }
    if (value.IsString()) {
        return std::string(text_of(value));
    }
    if (value.IsArray()) {
        return texts_of(value);
    }
    return std::nullopt;
}

}  // namespace

std::string encode_request(const ControlRequest& request) {
    JsonObject json;
    json.add("request", request.name);
    for (const auto& [key, value] : request.arguments) {
        std::visit([&, &name = key](const auto& each) { json.add(name, each); }, value);
    }
    return json.take();
}

std::string encode_data(std::string_view json) { return fmt::format("{}{}}}", data_start, json); }

std::string encode_done() { return R"({"done":true})"; }

std::string encode_error(const Error& error) {
    JsonObject json;
    json.add("error", error.message);
    json.add("kind", error_kind_name(error.kind));
    return json.take();
}

Result<ControlRequest> decode_request(std::string_view line) {
    rapidjson::Document document;
    if (const auto parsed = json::parse(document, line); !parsed) {
        return fail(ErrorKind::invalid,
                    fmt::format("a request that is not JSON: {}", parsed.error().message));
    }
    if (!document.IsObject()) {
        return fail(ErrorKind::invalid, "a request that is not a JSON object");
    }
    ControlRequest request;
    for (const auto& [key, value] : document.GetObject()) {
        auto taken = value_of(value);
        if (!taken) {
            return fail(ErrorKind::invalid,
                        fmt::format("a request whose \"{}\" is neither a plain value nor a list "
                                    "of texts",
                                    printable(text_of(key))));
        }
        request.arguments.insert_or_assign(std::string(text_of(key)), *std::move(taken));
    }
    const auto name = request.get<std::string>("request");
    if (!name) {
        return fail(ErrorKind::invalid, R"(a request without "request":"…")");
    }
    request.name = *name;
    request.arguments.erase("request");
    return request;
}

Result<ControlReplyLine> decode_reply(std::string_view line) {
    if (line.starts_with(data_start) && line.ends_with('}')) {
        ControlReplyLine reply;
        reply.data = line.substr(data_start.size(), line.size() - data_start.size() - 1);
        return reply;
    }
    rapidjson::Document document;
    if (json::parse(document, line) && document.IsObject()) {
        const auto done = document.FindMember("done");
        if (done != document.MemberEnd() && done->value.IsTrue()) {
            return ControlReplyLine{.last = true, .data = {}, .error = {}};
        }
        const auto error = document.FindMember("error");
        const auto kind = document.FindMember("kind");
        if (error != document.MemberEnd() && kind != document.MemberEnd() &&
            error->value.IsString() && kind->value.IsString()) {
            return ControlReplyLine{
                .last = true,
                .data = {},
                .error = Error{kind_of(text_of(kind->value)), std::string(text_of(error->value))}};
        }
    }
    return fail(ErrorKind::garbled,
                fmt::format("control socket: an answer that is none: {}", printable(line)));
}

std::string_view error_kind_name(ErrorKind kind) {
    const auto* const found =
        std::find_if(kind_names.begin(), kind_names.end(),
                     [kind](const auto& entry) { return entry.first == kind; });
    return found == kind_names.end() ? "io" : found->second;
}

}  // namespace pwlog
