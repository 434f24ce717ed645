#include "mqtt/ups_messages.h"

#include <fmt/format.h>

#include <array>

namespace pwlog {
namespace {

struct Number {
    const char* variable;
    const char* id;
    const char* name;
    const char* device_class;  // null: Home Assistant has none for it
    const char* unit;
};

constexpr std::array<Number, 4> numbers{
    {{"battery.charge", "battery_charge", "Battery charge", "battery", "%"},
     {"battery.runtime", "battery_runtime", "Battery runtime", "duration", "s"},
     {"battery.voltage", "battery_voltage", "Battery voltage", "voltage", "V"},
     {"ups.load", "load", "Load", nullptr, "%"}}};

/// On where one of NUT's words is in the status.
HomeEntity word_sensor(const std::string& topic, const char* word, const char* id,
                       const char* name) {
    return {"binary_sensor",
            id,
            {{"name", name},
             {"state_topic", topic},
             {"value_template", fmt::format("{{{{ 1 if '{}' in value.split() else 0 }}}}", word)},
             {"payload_on", "1"},
             {"payload_off", "0"},
             {"device_class", "problem"}}};
}

}  // namespace

std::vector<MqttMessage> ups_messages(const std::string& above, const UpsReading& reading) {
    std::vector<MqttMessage> messages;
    for (const auto& [name, value] : reading.published) {
        messages.push_back({fmt::format("{}/ups/{}", above, name), value});
    }
    return messages;
}

HomeDevice home_device(const std::string& above, const DeviceTag& ups, const UpsReading& reading) {
    HomeDevice device{ups.id, ups.called(), reading.model, "", above + "/ups/availability", {}};
    device.manufacturer = reading.manufacturer;
    const std::string status = above + "/ups/ups.status";
    device.entities.push_back({"sensor", "status", {{"name", "Status"}, {"state_topic", status}}});
    device.entities.push_back(word_sensor(status, "OB", "on_battery", "On battery"));
    device.entities.push_back(word_sensor(status, "LB", "low_battery", "Low battery"));
    for (const auto& number : numbers) {
        HomeEntity entity{"sensor", number.id, {}};
        if (reading.published.contains(number.variable)) {
            entity.settings = {{"name", number.name},
                               {"state_topic", fmt::format("{}/ups/{}", above, number.variable)},
                               {"unit_of_measurement", number.unit},
                               {"state_class", "measurement"}};
            if (number.device_class != nullptr) {
                entity.settings.emplace_back("device_class", number.device_class);
            }
        }
        device.entities.push_back(std::move(entity));
    }
    return device;
}

}  // namespace pwlog
