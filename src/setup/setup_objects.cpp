// SPDX-License-Identifier: MIT
#include "setup/setup_objects.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <span>

#include "base/json_document.h"
#include "base/parse_number.h"
#include "elastic/json.h"

namespace pwlog {

std::span<const EmbeddedFile> embedded_mappings();

namespace {

using rapidjson::Document;
using rapidjson::Pointer;
using rapidjson::Value;
using Kind = SetupObject::Kind;

constexpr const char* lifecycle_component = "powerwalker-lifecycle";
/// ILM counts from an index's creation, which is up to a month before its newest document.
constexpr std::chrono::days a_month(31);

std::string_view folder_of(Kind kind) {
    constexpr std::array folders{"ilm", "component_template", "index_template"};
    return folders.at(static_cast<std::size_t>(kind));
}

Result<std::string> read_mapping(const SetupChoice& choice, const std::string& path) {
    for (const auto& file : embedded_mappings()) {
        if (file.path == path) {
            return read_file(file, choice.mappings);
        }
    }
    return fail(ErrorKind::not_found, fmt::format("{} is not in this program", path));
}

std::string to_text(const Document& document) {
    rapidjson::StringBuffer buffer;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
    writer.SetIndent(' ', 2);
    writer.SetFormatOptions(rapidjson::kFormatSingleLineArray);
    document.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

Document parsed(const std::string& body) {
    Document document;
    (void)json::parse(document, body);
    return document;
}

std::string leave_lifecycle_out(const std::string& body) {
    Document document = parsed(body);
    Value* const parts = Pointer("/composed_of").Get(document);
    if (parts == nullptr || !parts->IsArray()) {
        return body;
    }
    for (auto* at = parts->Begin(); at != parts->End();) {
        at = at->IsString() && at->GetString() == std::string_view(lifecycle_component)
                 ? parts->Erase(at)
                 : at + 1;
    }
    return to_text(document);
}

std::string with_retention(const std::string& body, std::chrono::days retention) {
    Document document = parsed(body);
    const auto put = [&](const char* pointer, std::chrono::days time) {
        const auto text = fmt::format("{}d", time.count());
        Pointer(pointer).Set(document, text.c_str());
    };
    put("/policy/_meta/retention", retention);
    put("/policy/phases/delete/min_age", retention + a_month);
    return to_text(document);
}

std::string leave_settings_out(const std::string& body) {
    Document document = parsed(body);
    for (const char* setting : {"number_of_shards", "auto_expand_replicas"}) {
        Pointer((std::string("/template/settings/index/") + setting).c_str()).Erase(document);
    }
    return to_text(document);
}

struct Part {
    Kind kind;
    const char* name;
    const char* file;
};

std::vector<Part> parts_of(const SetupChoice& choice) {
    const bool series = choice.index_mode == IndexMode::time_series;
    const char* const metrics = series ? "powerwalker-metrics" : "powerwalker-metrics-standard";
    std::vector<Part> parts;
    if (choice.lifecycle) {
        parts.push_back({Kind::ilm, "powerwalker", "powerwalker"});
        parts.push_back({Kind::component_template, lifecycle_component, lifecycle_component});
    }
    for (const char* name :
         {"powerwalker-settings", "powerwalker-base", metrics, "powerwalker-events"}) {
        parts.push_back({Kind::component_template, name, name});
    }
    // Both modes under one name: two templates of one pattern and priority would be refused.
    parts.push_back({Kind::index_template, "powerwalker-metrics", metrics});
    parts.push_back({Kind::index_template, "powerwalker-events", "powerwalker-events"});
    return parts;
}

/// The JSON text of a scalar without the quotes of a string: 1 and "1" are one setting.
std::string scalar(const Value& value) {
    if (value.IsString()) {
        return {value.GetString(), value.GetStringLength()};
    }
    return json::to_text(value);
}

/// As deep as `wanted`, which is ours, whatever was stored.
bool includes(const Value& stored, const Value& wanted) {
    if (wanted.IsObject()) {
        return stored.IsObject() &&
               std::all_of(wanted.MemberBegin(), wanted.MemberEnd(), [&stored](const auto& member) {
                   const auto found = stored.FindMember(member.name);
                   return found != stored.MemberEnd() && includes(found->value, member.value);
               });
    }
    if (wanted.IsArray()) {
        return stored.IsArray() && stored.Size() == wanted.Size() &&
               std::equal(
                   wanted.Begin(), wanted.End(), stored.Begin(),
                   [](const Value& ours, const Value& theirs) { return includes(theirs, ours); });
    }
    return !stored.IsObject() && !stored.IsArray() && scalar(stored) == scalar(wanted);
}

}  // namespace

Result<std::string> read_file(const EmbeddedFile& file, const std::filesystem::path& folder) {
    if (folder.empty()) {
        return std::string(file.text);
    }
    const auto place = folder / file.path;
    std::ifstream stream(place, std::ios::binary);
    if (!stream) {
        return fail(ErrorKind::not_found, fmt::format("{} cannot be read", place.string()));
    }
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

Result<std::string> write_file(const std::filesystem::path& file, const std::string& text) {
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    std::ofstream stream(file, std::ios::binary);
    stream << text;
    stream.close();
    if (!stream) {
        return fail(ErrorKind::io, fmt::format("{} cannot be written", file.string()));
    }
    return file.string();
}

std::string SetupObject::label() const { return fmt::format("{}/{}", folder_of(kind), name); }

std::string SetupObject::path() const {
    return kind == Kind::ilm ? fmt::format("/_ilm/policy/{}", name)
                             : fmt::format("/_{}/{}", folder_of(kind), name);
}

Result<std::vector<SetupObject>> load_setup_objects(const SetupChoice& choice) {
    std::vector<SetupObject> objects;
    for (const auto& part : parts_of(choice)) {
        const auto file = fmt::format("{}/{}.json", folder_of(part.kind), part.file);
        auto body = read_mapping(choice, file);
        if (!body) {
            return pass_on(body);
        }
        Document document;
        if (!json::parse(document, *body) || !document.IsObject()) {
            return fail(ErrorKind::invalid, fmt::format("{} is not a JSON object", file));
        }
        if (part.kind == Kind::index_template && !choice.lifecycle) {
            *body = leave_lifecycle_out(*body);
        }
        if (choice.serverless && part.kind == Kind::component_template &&
            part.name == std::string_view("powerwalker-settings")) {
            *body = leave_settings_out(*body);
        }
        if (part.kind == Kind::ilm && choice.retention) {
            *body = with_retention(*body, *choice.retention);
        }
        objects.push_back({part.kind, part.name, std::move(*body)});
    }
    return objects;
}

std::int64_t template_version() {
    const auto body = read_mapping({}, "index_template/powerwalker-metrics.json");
    return body ? json_integer(*body, "/_meta/version").value_or(0) : 0;
}

bool covers(std::string_view stored, const char* pointer, std::string_view wanted) {
    Document theirs;
    Document ours;
    if (!json::parse(theirs, stored) || !json::parse(ours, wanted)) {
        return false;
    }
    const Value* const at = Pointer(pointer).Get(theirs);
    return at != nullptr && includes(*at, ours);
}

std::optional<std::chrono::days> stored_retention(std::string_view policy_answer) {
    const auto text = json_text(policy_answer, "/powerwalker/policy/_meta/retention");
    const auto count = text.ends_with('d')
                           ? parse_number<int>(std::string_view(text).substr(0, text.size() - 1))
                           : std::nullopt;
    return count && *count >= 1 ? std::optional(std::chrono::days(*count)) : std::nullopt;
}

}  // namespace pwlog
