// SPDX-License-Identifier: MIT
#include "sampling/ups_document.h"

#include "document/derive.h"
#include "document/write.h"

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
    using enum Field;
    Sample sample;
    sample.kind = DocumentKind::ups;
    sample.time = time;
    if (reading.duration.count() > 0) {
        sample.duration = reading.duration;
    }
    auto& values = sample.values;
    values.set(ups_status, reading.status);
    derive_ups(values);
    values.set(ups_charge_pct, ratio(reading.charge_percent));
    values.set(ups_load_pct, ratio(reading.load_percent));
    values.set(ups_runtime_s, reading.runtime_s);
    values.set(ups_input_v, value_of(reading.input_voltage));
    values.set(ups_output_v, value_of(reading.output_voltage));
    values.set(ups_battery_v, value_of(reading.battery_voltage));
    values.set(ups_input_a, value_of(reading.input_current));
    values.set(ups_output_a, value_of(reading.output_current));
    values.set(ups_input_hz, value_of(reading.input_frequency));
    values.set(ups_output_hz, value_of(reading.output_frequency));
    values.set(ups_power_w, value_of(reading.real_power));
    values.set(ups_power_va, value_of(reading.apparent_power));
    values.set(ups_temperature_c, value_of(reading.temperature));
    if (!reading.alarm.empty()) {
        values.set(ups_alarm, reading.alarm);
    }
    return write(origin, device, sample,
                 reading.manufacturer.empty() ? powerwalker : reading.manufacturer);
}

}  // namespace pwlog
