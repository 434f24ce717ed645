// SPDX-License-Identifier: MIT
#include "cli/memory_text.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <cmath>

#include "base/json_document.h"
#include "base/json_member.h"
#include "base/json_object.h"
#include "terminal/text_table.h"

namespace pwlog {
namespace {

std::string bound_text(const std::optional<double>& value) {
    return value ? fmt::format("{:g}", *value) : std::string();
}

/// As a document's number: 20 tenths are 2.
double in_unit(const MemorySetting& setting, int raw) {
    constexpr int decimals = 1;
    return rounded(MemoryValue{&setting, raw}.value(), decimals);
}

void write_setting(JsonObject& json, const MemoryValue& value) {
    const auto& setting = *value.setting;
    json.add("address", setting.address);
    json.add("name", setting.name);
    json.add_text("unit", setting.unit);
    json.add("min", setting.least);
    json.add("max", setting.greatest);
    json.add("default", setting.standard);
    json.add("value", in_unit(setting, value.raw));
    json.add("raw", value.raw);
    if (value.is_disabled()) {
        json.add("disabled", true);
    }
    json.add("in_range", value.in_range());
}

/// Raw numbers: what the library's methods give.
void take_plain(const rapidjson::Value& object, WantedMemory& wanted) {
    for (const auto& member : object.GetObject()) {
        if (member.value.IsInt()) {
            wanted[member.name.GetString()] = member.value.GetInt();
        }
    }
}

void take_settings(const rapidjson::Value& list, WantedMemory& wanted) {
    for (const auto& setting : list.GetArray()) {
        if (setting.IsObject() && setting.HasMember("name") && setting["name"].IsString() &&
            setting.HasMember("raw") && setting["raw"].IsInt()) {
            wanted[setting["name"].GetString()] = setting["raw"].GetInt();
        }
    }
}

}  // namespace

std::string range_text(const MemorySetting& setting) {
    return setting.least || setting.greatest
               ? bound_text(setting.least) + ".." + bound_text(setting.greatest)
               : std::string();
}

std::string value_text(const MemorySetting& setting, int raw) {
    if (setting.disabled == raw) {
        return "disabled";
    }
    return fmt::format("{:g}", MemoryValue{&setting, raw}.value());
}

std::string memory_json(const std::string& device, const std::vector<MemoryValue>& values) {
    JsonObject json;
    json.add("device", device);
    json.add_list("settings", values,
                  [&json](const MemoryValue& value) { write_setting(json, value); });
    return json.take();
}

std::string memory_table(const std::vector<MemoryValue>& values) {
    using Align = TextTable::Align;
    TextTable table;
    table.column("Address", Align::right).column("Name").column("Value", Align::right);
    table.column("Unit").column("Range").column("Default", Align::right).column("");
    for (const auto& value : values) {
        const auto& setting = *value.setting;
        const bool is_default =
            !setting.standard || std::lround(*setting.standard / setting.scale) == value.raw;
        table.row({std::to_string(setting.address), std::string(setting.name),
                   value_text(setting, value.raw), std::string(setting.unit), range_text(setting),
                   bound_text(setting.standard),
                   !value.in_range() ? "out of range"
                   : is_default      ? ""
                                     : "changed"});
    }
    return table.text();
}

WantedMemory factory_memory(const std::vector<MemoryValue>& values) {
    WantedMemory wanted;
    for (const auto& value : values) {
        if (value.setting->standard) {
            wanted[std::string(value.setting->name)] =
                static_cast<int>(std::lround(*value.setting->standard / value.setting->scale));
        }
    }
    return wanted;
}

Result<WantedMemory> saved_memory(std::string_view json) {
    rapidjson::Document document;
    if (const auto parsed = json::parse(document, json); !parsed) {
        return pass_on(parsed);
    }
    if (!document.IsObject()) {
        return fail(ErrorKind::invalid, "it holds JSON, but no object");
    }
    WantedMemory wanted;
    if (const auto& settings = json::member(document, "settings"); settings.IsArray()) {
        take_settings(settings, wanted);
    } else {
        take_plain(document, wanted);
    }
    if (wanted.empty()) {
        return fail(ErrorKind::invalid,
                    "no settings in it: `pwlog memory show --json` writes them");
    }
    return wanted;
}

std::vector<MemoryDifference> compare_memory(const std::vector<MemoryValue>& values,
                                             const WantedMemory& wanted) {
    std::vector<MemoryDifference> differences;
    for (const auto& value : values) {
        const auto found = wanted.find(value.setting->name);
        if (found != wanted.end() && found->second != value.raw) {
            differences.push_back({value, found->second});
        }
    }
    return differences;
}

std::string differences_json(const std::string& device,
                             const std::vector<MemoryDifference>& differences) {
    JsonObject json;
    json.add("device", device);
    json.add_list("differences", differences, [&json](const MemoryDifference& difference) {
        write_setting(json, difference.value);
        json.add("wanted", in_unit(*difference.value.setting, difference.wanted));
        json.add("wanted_raw", difference.wanted);
    });
    return json.take();
}

std::string differences_table(const std::vector<MemoryDifference>& differences) {
    using Align = TextTable::Align;
    TextTable table;
    table.column("Address", Align::right).column("Name").column("Wanted", Align::right);
    table.column("Value", Align::right).column("Unit");
    for (const auto& [value, wanted] : differences) {
        const auto& setting = *value.setting;
        table.row({std::to_string(setting.address), std::string(setting.name),
                   value_text(setting, wanted), value_text(setting, value.raw),
                   std::string(setting.unit)});
    }
    return table.text();
}

}  // namespace pwlog
