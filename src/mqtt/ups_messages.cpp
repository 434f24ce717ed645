// SPDX-License-Identifier: MIT
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

constexpr std::array<Number, 13> numbers{
    {{"battery.charge", "battery_charge", "Battery charge", "battery", "%"},
     {"battery.runtime", "battery_runtime", "Battery runtime", "duration", "s"},
     {"battery.voltage", "battery_voltage", "Battery voltage", "voltage", "V"},
     {"ups.load", "load", "Load", nullptr, "%"},
     {"ups.realpower", "power", "Power", "power", "W"},
     {"ups.power", "apparent_power", "Apparent power", "apparent_power", "VA"},
     {"input.voltage", "input_voltage", "Input voltage", "voltage", "V"},
     {"input.current", "input_current", "Input current", "current", "A"},
     {"input.frequency", "input_frequency", "Input frequency", "frequency", "Hz"},
     {"output.voltage", "output_voltage", "Output voltage", "voltage", "V"},
     {"output.current", "output_current", "Output current", "current", "A"},
     {"output.frequency", "output_frequency", "Output frequency", "frequency", "Hz"},
     {"ups.temperature", "temperature", "Temperature", "temperature", "°C"}}};

/// What has vanished is an empty message: unknown, and not the last value for ever.
constexpr const char* value_or_unknown = "{{ value if value else none }}";

/// On where one of NUT's words is in the status; unknown where that says neither OL nor OB.
HomeEntity word_sensor(const std::string& topic, const char* word, const char* id,
                       const char* name) {
    return {
        "binary_sensor",
        id,
        {{"name", name},
         {"state_topic", topic},
         {"value_template", fmt::format("{{{{ 1 if '{}' in value.split() else 0 if value.split() | "
                                        "select('in', ['OL', 'OB']) | list else none }}}}",
                                        word)},
         {"payload_on", "1"},
         {"payload_off", "0"},
         {"device_class", "problem"}}};
}

}  // namespace

std::vector<MqttMessage> ups_messages(const std::string& above, const UpsReading& reading) {
    std::vector<MqttMessage> messages;
    for (const std::string name : published_variables) {
        const auto found = reading.published.find(name);
        messages.push_back({fmt::format("{}/ups/{}", above, name),
                            found == reading.published.end() ? "" : found->second});
    }
    return messages;
}

HomeDevice home_device(const std::string& above, const DeviceTag& ups, const UpsReading& reading,
                       const std::set<std::string>& known) {
    HomeDevice device{ups.id, ups.called(), reading.model, "", above + "/ups/availability", {}};
    device.manufacturer = reading.manufacturer;
    const std::string status = above + "/ups/ups.status";
    device.entities.push_back({"sensor", "status", {{"name", "Status"}, {"state_topic", status}}});
    device.entities.push_back(word_sensor(status, "OB", "on_battery", "On battery"));
    device.entities.push_back(word_sensor(status, "LB", "low_battery", "Low battery"));
    device.entities.push_back(word_sensor(status, "RB", "replace_battery", "Replace battery"));
    device.entities.push_back(word_sensor(status, "OVER", "overload", "Overload"));
    HomeEntity alarm{"sensor", "alarm", {}};
    if (known.contains("ups.alarm")) {
        alarm.settings = {{"name", "Alarm"},
                          {"state_topic", above + "/ups/ups.alarm"},
                          {"value_template", value_or_unknown}};
    }
    device.entities.push_back(std::move(alarm));
    for (const auto& number : numbers) {
        HomeEntity entity{"sensor", number.id, {}};
        if (known.contains(number.variable)) {
            entity.settings = {{"name", number.name},
                               {"state_topic", fmt::format("{}/ups/{}", above, number.variable)},
                               {"value_template", value_or_unknown},
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
