// SPDX-License-Identifier: MIT
#include "document/preamble.h"

#include <fmt/format.h>

namespace pwlog {
namespace {

// The newest ECS that Elasticsearch 8.12 shipped with; every field used here is in it.
constexpr std::string_view ecs_version = "8.11.0";

}  // namespace

void write_preamble(JsonObject& json, const Origin& origin, const DeviceTag& device,
                    std::string_view dataset, std::string_view kind, Timestamp time,
                    std::string_view manufacturer) {
    json.add("@timestamp", format_time(time));
    json.open("ecs");
    json.add("version", ecs_version);
    json.close();
    json.open("agent");
    json.add("name", origin.host_name);
    json.add("type", "pwlog");
    json.add("version", origin.agent_version);
    json.close();
    json.open("host");
    json.add("name", origin.host_name);
    json.close();
    if (!origin.labels.empty()) {
        json.open("labels");
        for (const auto& [name, value] : origin.labels) {
            json.add(name, value);
        }
        json.close();
    }
    json.open("device");
    json.add("id", device.id);
    json.add("manufacturer", manufacturer);
    if (!device.model.empty()) {
        json.open("model");
        json.add("name", device.model);
        json.close();
    }
    json.close();
    json.open("event");
    json.add("dataset", dataset);
    json.add("kind", kind);
    json.add("module", "powerwalker");
    if (!origin.clock_synchronised) {
        json.add("clock", "unsynchronised");
    }
}

void close_event(JsonObject& json, std::optional<std::chrono::nanoseconds> duration) {
    if (duration) {
        json.add("duration", static_cast<std::int64_t>(duration->count()));
    }
    json.close();
}

std::string metric_id(std::string_view device, std::string_view dataset, int outlet,
                      Timestamp time) {
    return fmt::format("{}/{}/{}/{}", device, dataset, outlet, time.time_since_epoch().count());
}

}  // namespace pwlog
