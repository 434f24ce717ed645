#include <fmt/format.h>

#include "document/metric_documents.h"
#include "document/preamble.h"

namespace pwlog {
namespace {

constexpr double rated_input_a = 16;  // RC-16A
constexpr int ratio_decimals = 4;

std::optional<double> power_factor(std::optional<Watts> active,
                                   std::optional<VoltAmperes> apparent) {
    if (!active || !apparent || apparent->value() == 0) {
        return std::nullopt;
    }
    return rounded(static_cast<double>(active->value()) / apparent->value(), ratio_decimals);
}

std::optional<double> load(std::optional<Amperes> current, std::optional<Amperes> limit) {
    if (!current || !limit || limit->value() <= 0) {
        return std::nullopt;
    }
    return rounded(current->value() / limit->value(), ratio_decimals);
}

void write_energy(JsonObject& json, const std::optional<KilowattHours>& counter,
                  const std::optional<IntervalEnergy>& interval,
                  const std::optional<Tariff>& tariff, Timestamp time) {
    constexpr int cost_decimals = 8;  // a second at 1 W is 10^-7 of a currency's unit
    json.add("energy_kwh", value_of(counter));
    if (!interval) {
        return;
    }
    json.add("interval_wh", interval->watt_hours);
    if (interval->from_counter) {
        json.add("interval_from_counter", true);
    }
    const auto price = tariff ? mean_price(*tariff, interval->since, time) : std::nullopt;
    if (price) {
        json.add("cost", rounded(interval->watt_hours / 1000 * *price, cost_decimals));
        if (!tariff->currency.empty()) {
            json.add("currency", tariff->currency);
        }
    }
}

/// `power_w`, and `power_w_min` and `power_w_max` where more than one reading stands behind it.
template <class Unit>
void write_range(JsonObject& json, const std::string& name, const std::optional<Unit>& value,
                 const Spread<Unit>* range) {
    json.add(name, value_of(value));
    if (range != nullptr) {
        json.add(name + "_min", value_of(range->least()));
        json.add(name + "_max", value_of(range->greatest()));
    }
}

Document input_document(const Origin& origin, const PduContext& context, const PduReading& reading,
                        Timestamp time, const PduEnergyMeter::Intervals& energy,
                        const PduExtremes* extremes) {
    JsonObject json;
    write_preamble(json, origin, context.device, dataset::pdu, "metric", time);
    close_event(json, reading.time.duration);
    json.open("powerwalker");
    json.open("pdu");
    const auto& status = reading.status;
    write_range(json, "input_v", status.input_voltage,
                extremes != nullptr ? &extremes->input_voltage : nullptr);
    json.add("input_hz", value_of(status.input_frequency));
    write_range(json, "input_a", status.input_current,
                extremes != nullptr ? &extremes->input_current : nullptr);
    write_range(json, "power_w", reading.active_power.input,
                extremes != nullptr ? &extremes->input_power : nullptr);
    json.add("power_va", value_of(reading.apparent_power.input));
    json.add("power_factor",
             power_factor(reading.active_power.input, reading.apparent_power.input));
    write_energy(json, reading.energy.input, energy.input, context.tariff, time);
    json.add("load_pct", load(status.input_current, Amperes(rated_input_a)));
    json.add("temperature_c", value_of(status.temperature));
    json.open("alarm");
    json.add("low_input_voltage", status.alarms.low_input_voltage);
    json.add("high_input_voltage", status.alarms.high_input_voltage);
    json.add("low_input_current", status.alarms.low_input_current);
    json.add("high_input_current", status.alarms.high_input_current);
    json.add("aux1_power_fail", status.alarms.aux1_power_fail);
    json.add("aux2_power_fail", status.alarms.aux2_power_fail);
    json.close();
    json.close();
    json.close();
    return {metric_id(context.device.id, dataset::pdu, 0, time), json.take()};
}

Document outlet_document(const Origin& origin, const PduContext& context, const PduReading& reading,
                         Timestamp time, const PduEnergyMeter::Intervals& energy,
                         const PduExtremes* extremes, std::size_t index) {
    const int number = static_cast<int>(index) + 1;
    const auto& name = context.outlet_names[index];
    JsonObject json;
    write_preamble(json, origin, context.device, dataset::outlet, "metric", time);
    close_event(json, reading.time.duration);
    json.open("powerwalker");
    json.open("outlet");
    json.add("number", number);
    json.add("name", name.empty() ? fmt::format("outlet {}", number) : name);
    json.add("state", to_keyword(reading.status.outlets[index]));
    json.add("state_code", static_cast<int>(reading.status.outlets[index]));
    const auto& current = reading.status.outlet_current[index];
    const auto& active = reading.active_power.outlets[index];
    const auto& apparent = reading.apparent_power.outlets[index];
    write_range(json, "current_a", current,
                extremes != nullptr ? &extremes->current[index] : nullptr);
    write_range(json, "power_w", active, extremes != nullptr ? &extremes->power[index] : nullptr);
    json.add("power_va", value_of(apparent));
    json.add("power_factor", power_factor(active, apparent));
    write_energy(json, reading.energy.outlets[index], energy.outlets[index], context.tariff, time);
    json.add("load_pct", load(current, context.outlet_alarm[index]));
    if (reading.countdowns) {
        json.add("shutdown_s", (*reading.countdowns)[index].shutdown_s);
        json.add("restore_s", (*reading.countdowns)[index].restore_s);
    }
    json.close();
    json.close();
    return {metric_id(context.device.id, dataset::outlet, number, time), json.take()};
}

}  // namespace

std::vector<Document> pdu_documents(const Origin& origin, const PduContext& context,
                                    const PduReading& reading, Timestamp time,
                                    const PduEnergyMeter::Intervals& energy,
                                    const std::optional<PduExtremes>& extremes) {
    const PduExtremes* ranges = extremes ? &*extremes : nullptr;
    std::vector<Document> documents;
    documents.reserve(pdu::outlet_count + 1);
    documents.push_back(input_document(origin, context, reading, time, energy, ranges));
    for (std::size_t i = 0; i < pdu::outlet_count; ++i) {
        documents.push_back(outlet_document(origin, context, reading, time, energy, ranges, i));
    }
    return documents;
}

}  // namespace pwlog
