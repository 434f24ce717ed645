// SPDX-License-Identifier: MIT
#include "base/json_document.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace pwlog::json {

namespace {

/// Where the text is nested too deeply, or holds a NUL, which RapidJSON would take for its end; its
/// size where neither is so. What is no JSON is for the parser to find.
std::size_t sound_length(std::string_view text) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\0') {
            return at;
        }
        if (c == '"') {
            quoted = !quoted;
        } else if (quoted) {
            at += c == '\\' ? 1 : 0;
        } else if (c == '[' || c == '{') {
            if (++depth > deepest) {
                return at;
            }
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return text.size();
}

Result<void> wrong(std::string_view what, std::size_t at) {
    return fail(ErrorKind::invalid, fmt::format("no usable JSON: {} at byte {}", what, at));
}

}  // namespace

Result<void> parse(rapidjson::Document& document, std::string_view text, std::size_t longest) {
    document.SetNull();
    if (text.size() > longest) {
        return wrong("it is longer than it may be", longest);
    }
    if (const auto sound = sound_length(text); sound < text.size()) {
        return wrong(text[sound] == '\0' ? "a NUL" : "nested too deeply", sound);
    }
    document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(
        text.data(), text.size());
    if (document.HasParseError()) {
        auto failed =
            wrong(rapidjson::GetParseError_En(document.GetParseError()), document.GetErrorOffset());
        document.SetNull();
        return failed;
    }
    return {};
}

std::string to_text(const rapidjson::Value& value) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace pwlog::json
