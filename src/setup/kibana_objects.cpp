// SPDX-License-Identifier: MIT
#include "setup/kibana_objects.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>

#include "base/embedded_file.h"
#include "base/json_document.h"
#include "base/parse_number.h"
#include "base/printable.h"

namespace pwlog {

std::span<const EmbeddedFile> embedded_kibana();

namespace {

using rapidjson::Document;
using rapidjson::Value;

constexpr std::string_view alerts_folder = "alerts/";
constexpr std::string_view link = "](#/view/";

Result<std::string> read_file(const KibanaChoice& choice, const EmbeddedFile& file) {
    if (choice.folder.empty()) {
        return std::string(file.text);
    }
    const auto place = choice.folder / file.path;
    std::ifstream stream(place, std::ios::binary);
    if (!stream) {
        return fail(ErrorKind::not_found, fmt::format("{} cannot be read", place.string()));
    }
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

/// Attributes that Kibana keeps as JSON inside a string. In our files they are JSON like the rest,
/// so that a person can read and compare them.
bool is_kept_as_text(std::string_view name) {
    constexpr std::array<std::string_view, 5> of_data_views{
        "fieldAttrs", "fieldFormatMap", "fields", "runtimeFieldMap", "sourceFilters"};
    return name.ends_with("JSON") ||
           std::find(of_data_views.begin(), of_data_views.end(), name) != of_data_views.end();
}

void put_into_texts(Value& attributes, Document::AllocatorType& allocator) {
    for (auto& member : attributes.GetObject()) {
        if (is_kept_as_text(member.name.GetString())) {
            member.value.SetString(json::to_text(member.value).c_str(), allocator);
        } else if (member.value.IsObject()) {
            put_into_texts(member.value, allocator);
        }
    }
}

std::string prefix(const KibanaChoice& choice) {
    return choice.space.empty() ? "" : choice.space + "-";
}

void put_before_id(Value& object, const std::string& before, Document::AllocatorType& allocator) {
    object["id"].SetString((before + object["id"].GetString()).c_str(), allocator);
}

/// The links between the dashboards stand in a text within a text, where a slash is not escaped.
std::string with_links(std::string line, const std::string& before) {
    for (auto at = line.find(link); at != std::string::npos; at = line.find(link, at + 1)) {
        line.insert(at + link.size(), before);
    }
    return line;
}

bool has(const Value& object, const char* name, rapidjson::Type type) {
    const auto found = object.FindMember(name);
    return found != object.MemberEnd() && found->value.GetType() == type;
}

bool is_saved_object(const Document& document) {
    return document.IsObject() && has(document, "type", rapidjson::kStringType) &&
           has(document, "id", rapidjson::kStringType) &&
           has(document, "attributes", rapidjson::kObjectType) &&
           has(document, "references", rapidjson::kArrayType) &&
           std::all_of(document["references"].Begin(), document["references"].End(),
                       [](const Value& reference) {
                           return reference.IsObject() &&
                                  has(reference, "id", rapidjson::kStringType);
                       });
}

Result<KibanaObject> to_object(const KibanaChoice& choice, std::string_view path,
                               const std::string& text) {
    Document document;
    if (!json::parse(document, text) || !is_saved_object(document)) {
        return fail(ErrorKind::invalid, fmt::format("{} is not a saved object", path));
    }
    auto& allocator = document.GetAllocator();
    const std::string before = prefix(choice);
    put_into_texts(document["attributes"], allocator);
    put_before_id(document, before, allocator);
    for (auto& reference : document["references"].GetArray()) {
        put_before_id(reference, before, allocator);
    }
    return KibanaObject{document["type"].GetString(), document["id"].GetString(),
                        with_links(json::to_text(document), before)};
}

/// Another UUID for each space, always the same: its last twelve digits, changed by the space's
/// name (FNV-1a).
std::string id_in_space(std::string id, const std::string& space) {
    constexpr std::size_t last_digits = 12;
    constexpr int base = 16;
    if (space.empty() || id.size() < last_digits) {
        return id;
    }
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : space) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    std::uint64_t node = 0;
    const char* const end = id.data() + id.size();
    std::from_chars(end - last_digits, end, node, base);
    id.resize(id.size() - last_digits);
    return id + fmt::format("{:012x}", (node ^ hash) & 0xffffffffffffU);
}

Result<KibanaRule> to_rule(const KibanaChoice& choice, const EmbeddedFile& file,
                           const std::string& text) {
    Document document;
    const bool good = json::parse(document, text) && document.IsObject() &&
                      has(document, "id", rapidjson::kStringType) &&
                      has(document, "rule", rapidjson::kObjectType) &&
                      has(document["rule"], "params", rapidjson::kObjectType) &&
                      has(document["rule"]["params"], "esQuery", rapidjson::kObjectType);
    if (!good) {
        return fail(ErrorKind::invalid, fmt::format("{} is not an alerting rule", file.path));
    }
    auto& query = document["rule"]["params"]["esQuery"];
    query.SetString(json::to_text(query).c_str(), document.GetAllocator());
    const std::filesystem::path path(file.path);
    return KibanaRule{path.stem().string(), id_in_space(document["id"].GetString(), choice.space),
                      json::to_text(document["rule"])};
}

Result<std::string> write(const std::filesystem::path& file, const std::string& text) {
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

}  // namespace

Result<KibanaChoice> choose_kibana_objects(const std::string& space,
                                           const std::filesystem::path& folder) {
    // It becomes a part of addresses and ids.
    const bool good = std::all_of(space.begin(), space.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-';
    });
    if (!good) {
        return fail(ErrorKind::invalid,
                    fmt::format("'{}' cannot be a space: small letters, digits, '-' and '_'",
                                printable(space)));
    }
    return KibanaChoice{.space = space == "default" ? "" : space, .folder = folder};
}

Result<std::vector<KibanaObject>> load_kibana_objects(const KibanaChoice& choice) {
    std::vector<KibanaObject> objects;
    for (const auto& file : embedded_kibana()) {
        if (file.path.starts_with(alerts_folder)) {
            continue;
        }
        const auto text = read_file(choice, file);
        if (!text) {
            return pass_on(text);
        }
        auto object = to_object(choice, file.path, *text);
        if (!object) {
            return pass_on(object);
        }
        objects.push_back(std::move(*object));
    }
    return objects;
}

Result<std::vector<KibanaRule>> load_kibana_rules(const KibanaChoice& choice) {
    std::vector<KibanaRule> rules;
    for (const auto& file : embedded_kibana()) {
        if (!file.path.starts_with(alerts_folder)) {
            continue;
        }
        const auto text = read_file(choice, file);
        if (!text) {
            return pass_on(text);
        }
        auto rule = to_rule(choice, file, *text);
        if (!rule) {
            return pass_on(rule);
        }
        rules.push_back(std::move(*rule));
    }
    return rules;
}

Result<std::vector<std::string>> print_kibana_objects(const KibanaChoice& choice,
                                                      const std::filesystem::path& folder) {
    const auto objects = load_kibana_objects(choice);
    if (!objects) {
        return pass_on(objects);
    }
    const auto rules = load_kibana_rules(choice);
    if (!rules) {
        return pass_on(rules);
    }
    std::string ndjson;
    for (const auto& object : *objects) {
        ndjson += object.line + "\n";
    }
    std::vector<std::string> names;
    const auto add = [&names](Result<std::string> name) {
        if (name) {
            names.push_back(*name);
        }
        return name;
    };
    if (auto name = add(write(folder / "kibana" / "powerwalker.ndjson", ndjson)); !name) {
        return pass_on(name);
    }
    for (const auto& rule : *rules) {
        const auto file =
            folder / "kibana" / "alerts" / fmt::format("{}.{}.json", rule.name, rule.id);
        if (auto name = add(write(file, rule.body + "\n")); !name) {
            return pass_on(name);
        }
    }
    return names;
}

}  // namespace pwlog
