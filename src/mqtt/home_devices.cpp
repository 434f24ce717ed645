// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mqtt/discovery.h"
#include "mqtt/home_entities.h"

namespace pwlog {
namespace {

struct Bit {
    const char* key;
    const char* name;
};

constexpr std::array<Bit, 6> pdu_bits{{{"low_in_voltage", "Low input voltage"},
                                       {"high_in_voltage", "High input voltage"},
                                       {"low_in_current", "Low input current"},
                                       {"high_in_current", "High input current"},
                                       {"pwr_fail_aux1", "Auxiliary power 1"},
                                       {"pwr_fail_aux2", "Auxiliary power 2"}}};
constexpr std::array<Bit, 7> ats_bits{{{"aux_pwr1_fail", "Auxiliary power 1"},
                                       {"aux_pwr2_fail", "Auxiliary power 2"},
                                       {"on_fault_mode", "Fault mode"},
                                       {"overload_alarm", "Overload alarm"},
                                       {"overload_fault", "Overload fault"},
                                       {"short_fault", "Short circuit"},
                                       {"syncron_bad", "Synchronisation"}}};

/// Power, apparent power, current and energy of the input or of one outlet.
void add_meter(std::vector<HomeEntity>& entities, const std::string& above,
               const std::string& channel, const std::string& name) {
    const auto power = fmt::format("{}/pdu/power/{}", above, channel);
    const auto energy = fmt::format("{}/pdu/energy/{}", above, channel);
    entities.push_back(
        number_sensor(channel + "_power", name + " power", Quality::power, power, "w"));
    entities.push_back(number_sensor(channel + "_apparent_power", name + " apparent power",
                                     Quality::apparent_power, power, "va"));
    entities.push_back(
        number_sensor(channel + "_current", name + " current", Quality::current, power, "a"));
    entities.push_back(
        number_sensor(channel + "_energy", name + " energy", Quality::energy, energy, "kwh"));
}

HomeEntity state_sensor(const std::string& channel, const std::string& name,
                        const std::string& topic) {
    std::vector<std::string> words;
    for (int digit = 0; digit <= static_cast<int>(pdu::OutletState::locked); ++digit) {
        words.emplace_back(pdu::to_words(static_cast<pdu::OutletState>(digit)));
    }
    return {"sensor",
            channel + "_state",
            {{"name", name + " state"},
             {"state_topic", topic},
             {"value_template", "{{ value_json.state }}"},
             {"device_class", "enum"},
             {"options", std::move(words)}}};
}

/// An outlet has power while it counts down to its end, and with an overload alarm.
void add_control(std::vector<HomeEntity>& entities, const std::string& channel,
                 const std::string& name, const std::string& topic, bool switchable) {
    HomeEntity power{"switch", channel + "_switch", {}};
    HomeEntity cancel{"button", channel + "_cancel", {}};
    if (switchable) {
        power.settings = {{"name", name},
                          {"command_topic", topic + "/set"},
                          {"state_topic", topic},
                          {"value_template", "{{ 1 if value_json.status in (1, 2, 3, 5) else 0 }}"},
                          {"payload_on", "1"},
                          {"payload_off", "0"},
                          {"device_class", "outlet"}};
        cancel.settings = {{"name", name + " cancel countdown"},
                           {"command_topic", topic + "/cancel"},
                           {"payload_press", "PRESS"}};
    }
    entities.push_back(std::move(power));
    entities.push_back(std::move(cancel));
}

void add_outlet(std::vector<HomeEntity>& entities, const std::string& above, int number,
                const std::string& given_name, bool switchable) {
    const auto channel = fmt::format("out{}", number);
    const auto topic = fmt::format("{}/pdu/outlet/{}", above, channel);
    const auto name = given_name.empty() ? fmt::format("Outlet {}", number) : given_name;
    add_meter(entities, above, channel, name);
    entities.push_back(state_sensor(channel, name, topic));
    entities.push_back(problem_sensor(channel + "_overload", name + " overload", topic,
                                      "1 if value_json.status == 5 else 0"));
    add_control(entities, channel, name, topic, switchable);
}

void add_source(std::vector<HomeEntity>& entities, const std::string& above, int number) {
    const auto id = fmt::format("source{}", number);
    const auto name = fmt::format("Source {}", number);
    const auto topic = fmt::format("{}/ats/supply/src{}", above, number);
    entities.push_back(
        number_sensor(id + "_voltage", name + " voltage", Quality::voltage, topic, "v"));
    entities.push_back(
        number_sensor(id + "_frequency", name + " frequency", Quality::frequency, topic, "hz"));
    entities.push_back(problem_sensor(id + "_bad", name, topic, "value_json.bad"));
}

HomeEntity active_source_sensor(const std::string& topic) {
    return {"sensor",
            "active_source",
            {{"name", "Active source"},
             {"state_topic", topic},
             {"value_template", "{{ ['Neither', '1', '2'][value_json.active_source] }}"},
             {"device_class", "enum"},
             {"options", std::vector<std::string>{"Neither", "1", "2"}}}};
}

}  // namespace

HomeDevice home_device(const std::string& above, const PduContext& pdu, const std::string& firmware,
                       const std::vector<int>& switchable) {
    HomeDevice device{pdu.device.id, pdu.device.called(),         pdu.device.model,
                      firmware,      above + "/pdu/availability", {}};
    auto& entities = device.entities;
    const auto status = above + "/pdu/status";
    entities.push_back(
        number_sensor("in_voltage", "Input voltage", Quality::voltage, status, "in_v"));
    entities.push_back(
        number_sensor("in_frequency", "Input frequency", Quality::frequency, status, "in_hz"));
    entities.push_back(
        number_sensor("temperature", "Temperature", Quality::temperature, status, "temp_c"));
    add_meter(entities, above, "in", "Input");
    for (const auto& bit : pdu_bits) {
        entities.push_back(
            problem_sensor(bit.key, bit.name, status, std::string("value_json.") + bit.key));
    }
    for (int number = 1; number <= pdu::outlet_count; ++number) {
        const bool may_switch =
            std::find(switchable.begin(), switchable.end(), number) != switchable.end();
        add_outlet(entities, above, number,
                   pdu.outlet_names.at(static_cast<std::size_t>(number - 1)), may_switch);
    }
    return device;
}

HomeDevice home_device(const std::string& above, const AtsContext& ats,
                       const std::string& firmware) {
    HomeDevice device{ats.device.id, ats.device.called(),         ats.device.model,
                      firmware,      above + "/ats/availability", {}};
    auto& entities = device.entities;
    const auto status = above + "/ats/status";
    const auto redundancy = above + "/ats/redundancy";
    add_source(entities, above, 1);
    add_source(entities, above, 2);
    entities.push_back(active_source_sensor(redundancy));
    entities.push_back(problem_sensor("redundancy_lost", "Redundancy lost", redundancy,
                                      "1 - value_json.redundant"));
    entities.push_back(
        number_sensor("output_current", "Output current", Quality::current, status, "out_a"));
    entities.push_back(number_sensor("load", "Load", Quality::load, status, "out_pct"));
    entities.push_back(
        number_sensor("sync_angle", "Synchronisation angle", Quality::angle, status, "sync_angle"));
    entities.push_back(
        number_sensor("temperature", "Temperature", Quality::temperature, status, "temp_c"));
    for (const auto& bit : ats_bits) {
        entities.push_back(
            problem_sensor(bit.key, bit.name, status, std::string("value_json.") + bit.key));
    }
    return device;
}

}  // namespace pwlog
