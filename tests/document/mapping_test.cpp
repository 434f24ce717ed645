// Every document against the mapping, and the mapping against what is written: `dynamic: false`
// would hide a field that was forgotten there.

#include <rapidjson/document.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "document/document.h"
#include "samples.h"

using namespace pwlog;
using rapidjson::Value;

namespace {

using Types = std::map<std::string, std::string>;  // full field name -> mapped type

rapidjson::Document read_json(const std::filesystem::path& file) {
    std::ifstream stream(file);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    rapidjson::Document document;
    document.Parse(text.c_str());
    INFO(file);
    REQUIRE_FALSE(document.HasParseError());
    return document;
}

void collect_mapping(const Value& properties, const std::string& prefix, Types& types) {
    for (const auto& field : properties.GetObject()) {
        const std::string name = prefix + field.name.GetString();
        if (field.value.HasMember("properties")) {
            collect_mapping(field.value["properties"], name + ".", types);
        } else if (field.value.HasMember("type") &&
                   std::string(field.value["type"].GetString()) != "object") {
            types[name] = field.value["type"].GetString();
        }
    }
}

/// The fields that an index of this template knows, from its component templates.
Types mapped_fields(const std::string& index_template) {
    const std::filesystem::path folder = std::filesystem::path(PWLOG_SOURCE_DIR) / "mappings";
    Types types;
    const auto outer = read_json(folder / "index_template" / (index_template + ".json"));
    for (const auto& name : outer["composed_of"].GetArray()) {
        const auto component =
            read_json(folder / "component_template" / (std::string(name.GetString()) + ".json"));
        if (const Value& body = component["template"];
            body.HasMember("mappings") && body["mappings"].HasMember("properties")) {
            collect_mapping(body["mappings"]["properties"], "", types);
        }
    }
    return types;
}

void collect_fields(const Value& object, const std::string& prefix,
                    std::map<std::string, const Value*>& fields) {
    for (const auto& field : object.GetObject()) {
        const std::string name = prefix + field.name.GetString();
        if (field.value.IsObject()) {
            collect_fields(field.value, name + ".", fields);
        } else {
            fields[name] = &field.value;
        }
    }
}

bool fits(const Value& value, const std::string& type) {
    static const std::set<std::string> whole{"byte", "short", "integer", "long"};
    static const std::set<std::string> fraction{"float", "double"};
    static const std::set<std::string> text{"keyword", "text", "date", "match_only_text"};
    return (whole.contains(type) && value.IsInt64()) ||
           (fraction.contains(type) && value.IsNumber()) ||
           (text.contains(type) && value.IsString()) || (type == "boolean" && value.IsBool());
}

/// Field -> value of all documents of one family.
std::set<std::string> check_documents(bool events, const Types& types) {
    std::set<std::string> written;
    for (const auto& document : test::fullest_documents()) {
        rapidjson::Document json;
        json.Parse(document.json.c_str());
        const bool is_event = std::string(json["event"]["kind"].GetString()) == "event";
        if (is_event != events) {
            continue;
        }
        std::map<std::string, const Value*> fields;
        collect_fields(json, "", fields);
        for (const auto& [name, value] : fields) {
            if (name.starts_with("labels.")) {
                continue;  // a dynamic template makes them keywords
            }
            CAPTURE(name);
            const auto mapped = types.find(name);
            REQUIRE(mapped != types.end());
            CHECK(fits(*value, mapped->second));
            written.insert(name);
        }
    }
    return written;
}

}  // namespace

TEST_CASE("every field of a metric document is mapped with a type that fits", "[document]") {
    for (const char* index_template : {"powerwalker-metrics", "powerwalker-metrics-standard"}) {
        CAPTURE(index_template);
        check_documents(false, mapped_fields(index_template));
    }
}

TEST_CASE("every field of an event is mapped with a type that fits", "[document]") {
    check_documents(true, mapped_fields("powerwalker-events"));
}

TEST_CASE("both index modes map the same fields to the same types", "[document]") {
    CHECK(mapped_fields("powerwalker-metrics") == mapped_fields("powerwalker-metrics-standard"));
}
