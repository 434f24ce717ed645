// SPDX-License-Identifier: MIT
#include "mqtt/state_messages.h"

#include <fmt/format.h>

#include "base/json_object.h"
#include "document/readings.h"

namespace pwlog {
namespace {

/// The library's way to say yes and no.
int bit(bool value) { return value ? 1 : 0; }

/// `in` is 0, `out3` is 3.
std::string channel_name(std::size_t channel) {
    return channel == 0 ? "in" : fmt::format("out{}", channel);
}

template <class Unit>
const std::optional<Unit>& of_channel(const pdu::PerOutlet<Unit>& values, std::size_t channel) {
    return channel == 0 ? values.input : values.outlets[channel - 1];
}

std::string power_payload(const PduReading& reading, std::size_t channel) {
    const auto& status = reading.status;
    JsonObject json;
    json.add("w", value_of(of_channel(reading.active_power, channel)));
    json.add("va", value_of(of_channel(reading.apparent_power, channel)));
    json.add("a",
             value_of(channel == 0 ? status.input_current : status.outlet_current[channel - 1]));
    return json.take();
}

std::string energy_payload(const PduReading& reading, std::size_t channel) {
    JsonObject json;
    json.add("kwh", value_of(of_channel(reading.energy, channel)));
    return json.take();
}

/// Countdowns are only asked for while there are any.
std::string outlet_payload(const PduReading& reading, std::size_t index) {
    const auto state = reading.status.outlets[index];
    const auto left = reading.countdowns ? (*reading.countdowns)[index] : pdu::Countdown{};
    JsonObject json;
    json.add("status", static_cast<int>(state));
    json.add("state", pdu::to_words(state));
    json.add("restore_sec", left.restore_s);
    json.add("shutdown_sec", left.shutdown_s);
    return json.take();
}

std::string pdu_status_payload(const pdu::Status& status) {
    JsonObject json;
    json.add("in_hz", value_of(status.input_frequency));
    json.add("in_v", value_of(status.input_voltage));
    json.add("temp_c", value_of(status.temperature));
    json.add("low_in_voltage", bit(status.alarms.low_input_voltage));
    json.add("high_in_voltage", bit(status.alarms.high_input_voltage));
    json.add("low_in_current", bit(status.alarms.low_input_current));
    json.add("high_in_current", bit(status.alarms.high_input_current));
    json.add("pwr_fail_aux1", bit(status.alarms.aux1_power_fail));
    json.add("pwr_fail_aux2", bit(status.alarms.aux2_power_fail));
    return json.take();
}

std::string supply_payload(const AtsReading& reading, std::size_t index) {
    const int number = static_cast<int>(index) + 1;
    const auto& measured = reading.measurements.sources[index];
    JsonObject json;
    json.add("v", value_of(measured.voltage));
    json.add("hz", value_of(measured.frequency));
    json.add("active", bit(number == 1 ? reading.status.on_source1 : reading.status.on_source2));
    json.add("preferred", bit(reading.status.preferred_source() == number));
    json.add("bad", bit(reading.status.sources[index].bad()));
    return json.take();
}

/// The library reads load and angle as numbers with a fraction.
template <class Unit>
std::optional<double> as_double(const std::optional<Unit>& value) {
    return value ? std::optional<double>(value->value()) : std::nullopt;
}

std::string ats_status_payload(const AtsReading& reading) {
    const auto& measured = reading.measurements;
    const auto& status = reading.status;
    JsonObject json;
    json.add("temp_c", value_of(measured.temperature));
    json.add("out_a", value_of(measured.output_current));
    json.add("out_pct", as_double(measured.load));
    json.add("sync_angle", as_double(measured.sync_angle));
    json.add("aux_pwr1_fail", bit(status.aux1_power_fail));
    json.add("aux_pwr2_fail", bit(status.aux2_power_fail));
    json.add("on_fault_mode", bit(status.fault_mode));
    json.add("overload_alarm", bit(status.overload_alarm));
    json.add("overload_fault", bit(status.overload_fault));
    json.add("short_fault", bit(status.short_circuit));
    json.add("syncron_bad", bit(status.sync_bad));
    return json.take();
}

std::string redundancy_payload(const AtsContext& context, const AtsReading& reading) {
    JsonObject json;
    json.add("redundant", bit(is_redundant(reading, context)));
    json.add("active_source", reading.status.active_source());
    json.add("preferred_source", reading.status.preferred_source());
    return json.take();
}

bool has_alarm(const ats::Status& status) {
    return status.aux1_power_fail || status.aux2_power_fail || status.fault_mode ||
           status.overload_alarm || status.overload_fault || status.short_circuit ||
           status.sync_bad;
}

}  // namespace

std::vector<MqttMessage> pdu_messages(const std::string& above, const PduReading& reading,
                                      bool oldest_form) {
    std::vector<MqttMessage> messages;
    for (std::size_t i = 0; i < reading.status.outlets.size(); ++i) {
        messages.push_back({fmt::format("{}/pdu/outlet/{}", above, channel_name(i + 1)),
                            outlet_payload(reading, i)});
    }
    messages.push_back({above + "/pdu/status", pdu_status_payload(reading.status)});
    for (std::size_t channel = 0; channel <= reading.status.outlets.size(); ++channel) {
        const std::string name = channel_name(channel);
        messages.push_back(
            {fmt::format("{}/pdu/power/{}", above, name), power_payload(reading, channel)});
        if (of_channel(reading.energy, channel)) {
            messages.push_back(
                {fmt::format("{}/pdu/energy/{}", above, name), energy_payload(reading, channel)});
        }
        if (const auto& watts = of_channel(reading.active_power, channel); oldest_form && watts) {
            messages.push_back(
                {fmt::format("{}/power/{}_w", above, name), std::to_string(watts->value())});
        }
    }
    return messages;
}

std::vector<MqttMessage> ats_messages(const std::string& above, const AtsContext& context,
                                      const AtsReading& reading) {
    return {{above + "/ats/supply/src1", supply_payload(reading, 0)},
            {above + "/ats/supply/src2", supply_payload(reading, 1)},
            {above + "/ats/status", ats_status_payload(reading)},
            {above + "/ats/redundancy", redundancy_payload(context, reading)}};
}

MqttMessage alert_message(const std::string& above, const std::optional<pdu::Status>& pdu,
                          const std::optional<ats::Status>& ats) {
    JsonObject json;
    if (pdu) {
        for (std::size_t i = 0; i < pdu->outlets.size(); ++i) {
            json.add("pdu_" + channel_name(i + 1),
                     bit(pdu->outlets[i] == pdu::OutletState::overload));
        }
        json.add("pdu", bit(pdu->alarms != pdu::Alarms{}));
    }
    if (ats) {
        json.add("ats_src1", bit(ats->sources[0].bad()));
        json.add("ats_src2", bit(ats->sources[1].bad()));
        json.add("ats", bit(has_alarm(*ats)));
    }
    return {above + "/alert", json.take()};
}

MqttMessage availability_message(const std::string& above, const std::string& kind, bool online) {
    return {fmt::format("{}/{}/availability", above, kind), online ? "online" : "offline"};
}

}  // namespace pwlog
