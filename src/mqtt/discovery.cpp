// SPDX-License-Identifier: MIT
#include "mqtt/discovery.h"

#include <fmt/format.h>

#include "base/json_object.h"

namespace pwlog {

/// Topics of Home Assistant take letters, digits, - and _; of what an id can have besides, a point
/// remains.
std::string home_id(const std::string& device_id) {
    std::string id = "pwlog_";
    for (const char c : device_id) {
        if (c == '.') {
            id += "_2e";
        } else {
            id += c;
        }
    }
    return id;
}

namespace {

/// The device itself, who tells of it, and when what it shows holds.
void write_frame(JsonObject& json, const HomeOptions& options, const HomeDevice& device) {
    json.open("device");
    json.add("identifiers", std::vector{home_id(device.id)});
    json.add("name", device.name);
    json.add("manufacturer",
             device.manufacturer.empty() ? "PowerWalker" : std::string_view(device.manufacturer));
    json.add_text("model", device.model);
    json.add_text("sw_version", device.firmware);
    json.close();
    json.open("origin");
    json.add("name", "pwlog");
    json.add("sw_version", options.version);
    json.close();
    json.open_list("availability");
    json.open_item();
    json.add("topic", options.presence_topic);
    json.add("payload_available", "1");
    json.add("payload_not_available", "0");
    json.close();
    json.open_item();
    json.add("topic", device.availability_topic);
    json.close();
    json.close_list();
    json.add("availability_mode", "all");
}

void write_settings(JsonObject& json, const HomeDevice& device, const HomeEntity& entity) {
    json.add("unique_id", fmt::format("{}_{}", home_id(device.id), entity.id));
    for (const auto& [key, value] : entity.settings) {
        std::visit([&, &name = key](const auto& each) { json.add(name, each); }, value);
    }
}

std::string entity_topic(const HomeOptions& options, const HomeDevice& device,
                         const HomeEntity& entity) {
    return fmt::format("{}/{}/{}/{}/config", options.prefix, entity.platform, home_id(device.id),
                       entity.id);
}

/// An entity with nothing but its platform is taken away.
MqttMessage whole_device(const HomeOptions& options, const HomeDevice& device) {
    JsonObject json;
    write_frame(json, options, device);
    json.open("components");
    for (const auto& entity : device.entities) {
        json.open(entity.id);
        json.add("platform", entity.platform);
        if (!entity.settings.empty()) {
            write_settings(json, device, entity);
        }
        json.close();
    }
    json.close();
    return {device_topic(options, device), json.take()};
}

MqttMessage single_entity(const HomeOptions& options, const HomeDevice& device,
                          const HomeEntity& entity) {
    MqttMessage message{entity_topic(options, device, entity), ""};
    if (!entity.settings.empty()) {
        JsonObject json;
        write_settings(json, device, entity);
        write_frame(json, options, device);
        message.payload = json.take();
    }
    return message;
}

}  // namespace

std::string device_topic(const HomeOptions& options, const HomeDevice& device) {
    return fmt::format("{}/device/{}/config", options.prefix, home_id(device.id));
}

std::vector<MqttMessage> announcement(const HomeOptions& options, const HomeDevice& device) {
    if (options.form == HomeOptions::Form::device) {
        return {whole_device(options, device)};
    }
    // Both forms at once would be two of everything.
    std::vector<MqttMessage> messages{{device_topic(options, device), ""}};
    for (const auto& entity : device.entities) {
        messages.push_back(single_entity(options, device, entity));
    }
    return messages;
}

std::vector<MqttMessage> withdrawal(const HomeOptions& options, const HomeDevice& device) {
    std::vector<MqttMessage> messages{{device_topic(options, device), ""}};
    for (const auto& entity : device.entities) {
        messages.push_back({entity_topic(options, device, entity), ""});
    }
    return messages;
}

}  // namespace pwlog
