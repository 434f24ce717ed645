// SPDX-License-Identifier: MIT
// Every document against the mapping, and the mapping against what is written: `dynamic: false`
// would hide a field that was forgotten there.

#include <rapidjson/document.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "document/document.h"
#include "samples.h"
#include "support/paths.h"

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
    const std::filesystem::path folder = test::source_dir() / "mappings";
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
    if (value.IsArray()) {  // to Elasticsearch every field may have several values
        const auto items = value.GetArray();
        return !items.Empty() && std::all_of(items.begin(), items.end(),
                                             [&](const Value& item) { return fits(item, type); });
    }
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
        const bool is_event = std::string(json["event"]["dataset"].GetString()) == dataset::event;
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

TEST_CASE("every mapped field of a metric document is written by something", "[document]") {
    const auto mapped = mapped_fields("powerwalker-metrics");
    const auto written = check_documents(false, mapped);
    for (const auto& [name, type] : mapped) {
        CAPTURE(name);
        CHECK(written.contains(name));
    }
}

TEST_CASE("every mapped field of an event is written by something", "[document]") {
    const auto mapped = mapped_fields("powerwalker-events");
    const auto written = check_documents(true, mapped);
    for (const auto& [name, type] : mapped) {
        CAPTURE(name);
        CHECK(written.contains(name));
    }
}

TEST_CASE("category and type of every event are a pair that ECS foresees", "[document]") {
    // https://www.elastic.co/guide/en/ecs/8.11/ecs-allowed-values-event-category.html
    const std::map<std::string, std::set<std::string>> foreseen{
        {"configuration", {"access", "change", "creation", "deletion", "info"}},
        {"host", {"access", "change", "end", "info", "start"}},
        {"process", {"access", "change", "end", "info", "start"}}};
    const std::set<std::string> outcomes{"", "failure", "success", "unknown"};
    for (const auto& event : test::every_event()) {
        CAPTURE(event.action);
        REQUIRE(foreseen.contains(event.category));
        CHECK(foreseen.at(event.category).contains(event.type));
        CHECK(outcomes.contains(event.outcome));
        CHECK((event.kind == "event" || event.kind == "alert"));
        CHECK_FALSE(event.message.empty());
    }
}

TEST_CASE("every event is in the book of events", "[document]") {
    std::ifstream stream(test::source_dir() / "docs" / "events.md");
    const std::string book{std::istreambuf_iterator<char>(stream), {}};
    REQUIRE_FALSE(book.empty());
    for (const auto& event : test::every_event()) {
        CAPTURE(event.action);
        CHECK(book.find("`" + event.action + "`") != std::string::npos);
    }
}

TEST_CASE("both index modes map the same fields to the same types", "[document]") {
    CHECK(mapped_fields("powerwalker-metrics") == mapped_fields("powerwalker-metrics-standard"));
}
