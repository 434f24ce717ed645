// SPDX-License-Identifier: MIT
#include "setup/kibana_objects.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/json_document.h"
#include "base/parse_number.h"
#include "base/printable.h"
#include "setup/setup_objects.h"

namespace pwlog {

std::span<const EmbeddedFile> embedded_kibana();

namespace {

using rapidjson::Document;
using rapidjson::Value;

constexpr std::string_view alerts_folder = "alerts/";
constexpr std::string_view link = "](#/view/";

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

Result<KibanaObject> to_object(const KibanaChoice& choice, const EmbeddedFile& file,
                               const std::string& text) {
    Document document;
    if (!json::parse(document, text) || !is_saved_object(document)) {
        return fail(ErrorKind::invalid, fmt::format("{} is not a saved object", file.path));
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

/// All files of one sort, each as what `make` makes of it.
template <class Made, class Make>
Result<std::vector<Made>> load(const KibanaChoice& choice, bool are_alerts, const Make& make) {
    std::vector<Made> all;
    for (const auto& file : embedded_kibana()) {
        if (file.path.starts_with(alerts_folder) != are_alerts) {
            continue;
        }
        const auto text = read_file(file, choice.folder);
        auto made = text ? make(choice, file, *text) : pass_on(text);
        if (!made) {
            return pass_on(made);
        }
        all.push_back(std::move(*made));
    }
    return all;
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
    return load<KibanaObject>(choice, false, to_object);
}

Result<std::vector<KibanaRule>> load_kibana_rules(const KibanaChoice& choice) {
    return load<KibanaRule>(choice, true, to_rule);
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
    std::vector<std::pair<std::filesystem::path, std::string>> files{
        {"powerwalker.ndjson", std::move(ndjson)}};
    for (const auto& rule : *rules) {
        files.emplace_back(fmt::format("alerts/{}.{}.json", rule.name, rule.id), rule.body + "\n");
    }
    std::vector<std::string> names;
    for (const auto& [file, text] : files) {
        const auto name = write_file(folder / "kibana" / file, text);
        if (!name) {
            return pass_on(name);
        }
        names.push_back(*name);
    }
    return names;
}

}  // namespace pwlog
