#include "ups/ups_document.h"

#include "document/preamble.h"

namespace pwlog {
namespace {

constexpr int ratio_decimals = 4;

/// 1.0 = 100 %.
std::optional<double> ratio(const std::optional<double>& percent) {
    return percent ? std::optional(rounded(*percent / 100, ratio_decimals)) : std::nullopt;
}

}  // namespace

Document ups_document(const Origin& origin, const DeviceTag& device, const UpsReading& reading,
                      Timestamp time) {
    JsonObject json;
    write_preamble(json, origin, device, dataset::ups, "metric", time,
                   reading.manufacturer.empty() ? powerwalker : reading.manufacturer);
    close_event(json, std::nullopt);
    json.open("powerwalker");
    json.open("ups");
    json.add("status", reading.status);
    json.add("on_battery", reading.on_battery());
    json.add("low_battery", reading.has_flag("LB"));
    json.add("charge_pct", ratio(reading.charge_percent));
    json.add("load_pct", ratio(reading.load_percent));
    json.add("runtime_s", reading.runtime_s);
    json.add("input_v", value_of(reading.input_voltage));
    json.add("output_v", value_of(reading.output_voltage));
    json.add("battery_v", value_of(reading.battery_voltage));
    json.add("input_a", value_of(reading.input_current));
    json.add("output_a", value_of(reading.output_current));
    json.add("input_hz", value_of(reading.input_frequency));
    json.add("output_hz", value_of(reading.output_frequency));
    json.add("power_w", value_of(reading.real_power));
    json.add("power_va", value_of(reading.apparent_power));
    json.add("temperature_c", value_of(reading.temperature));
    if (!reading.alarm.empty()) {
        json.add("alarm", reading.alarm);
    }
    json.close();
    json.close();
    return {metric_id(device.id, dataset::ups, 0, time), json.take()};
}

}  // namespace pwlog
