// SPDX-License-Identifier: MIT
#include "mqtt/home_entities.h"

#include <fmt/format.h>

namespace pwlog {
namespace {

struct Kind {
    const char* device_class;  // null: Home Assistant has none for it
    const char* unit;
    const char* state_class;
    int decimals;
};

Kind kind_of(Quality quality) {
    switch (quality) {
        case Quality::power:
            return {"power", "W", "measurement", 0};
        case Quality::apparent_power:
            return {"apparent_power", "VA", "measurement", 0};
        case Quality::current:
            return {"current", "A", "measurement", 1};
        case Quality::voltage:
            return {"voltage", "V", "measurement", 1};
        case Quality::frequency:
            return {"frequency", "Hz", "measurement", 1};
        case Quality::energy:
            return {"energy", "kWh", "total_increasing", 1};
        case Quality::temperature:
            return {"temperature", "°C", "measurement", 1};
        case Quality::load:
            return {nullptr, "%", "measurement", 0};
        case Quality::angle:
            break;
    }
    return {nullptr, "°", "measurement", 0};
}

}  // namespace

HomeEntity number_sensor(const std::string& id, const std::string& name, Quality quality,
                         const std::string& topic, const std::string& key) {
    const auto kind = kind_of(quality);
    HomeEntity entity{"sensor", id, {{"name", name}, {"state_topic", topic}}};
    auto& settings = entity.settings;
    // A value that the device does not give has no key: unknown, not a template's error.
    settings.emplace_back("value_template",
                          fmt::format("{{{{ value_json.{} | default(none) }}}}", key));
    if (kind.device_class != nullptr) {
        settings.emplace_back("device_class", kind.device_class);
    }
    settings.emplace_back("unit_of_measurement", kind.unit);
    settings.emplace_back("state_class", kind.state_class);
    settings.emplace_back("suggested_display_precision", kind.decimals);
    if (quality == Quality::temperature || quality == Quality::frequency) {
        settings.emplace_back("entity_category", "diagnostic");
    }
    return entity;
}

HomeEntity problem_sensor(const std::string& id, const std::string& name, const std::string& topic,
                          const std::string& condition) {
    return {"binary_sensor",
            id,
            {{"name", name},
             {"state_topic", topic},
             {"value_template", fmt::format("{{{{ {} | default(none) }}}}", condition)},
             {"payload_on", "1"},
             {"payload_off", "0"},
             {"device_class", "problem"}}};
}

}  // namespace pwlog
