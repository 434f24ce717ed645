// SPDX-License-Identifier: MIT
#include "simulator/model_orders.h"
#include "simulator/number_setting.h"

namespace pwlog::simulator {
namespace {

constexpr int most_word = 0xFFFF;

constexpr std::array<std::string_view, 6> alarm_names{"low_input_voltage", "high_input_voltage",
                                                      "low_input_current", "high_input_current",
                                                      "aux1_power_fail",   "aux2_power_fail"};

OutletForcing& forcing(PduSimulator& pdu, std::size_t index) {
    return pdu.forcing().outlets.at(index);
}

using Setting = NumberSetting<PduSimulator>;
using Value = std::optional<double>;

constexpr std::array<Setting, 5> outlet_settings{{
    {"load", "watts", 0, 20000, true,
     [](PduSimulator& pdu, std::size_t i, Value value) { forcing(pdu, i).load_w = value; }},
    {"pf", "the power factor", 0.01, 1, true,
     [](PduSimulator& pdu, std::size_t i, Value value) { forcing(pdu, i).power_factor = value; }},
    {"meter", "the meter's factor", 0, 1000, false,
     [](PduSimulator& pdu, std::size_t i, Value value) { forcing(pdu, i).meter = *value; }},
    {"counter", "the counter's factor", 0, 1000, false,
     [](PduSimulator& pdu, std::size_t i, Value value) { forcing(pdu, i).counter = *value; }},
    {"energy", "kWh", 0, 999999.9, false,
     [](PduSimulator& pdu, std::size_t i, Value value) {
         pdu.set_energy(static_cast<int>(i) + 1, *value);
     }},
}};

constexpr std::array<Setting, 6> pdu_settings{{
    {"voltage", "volts", 0, 999.9, true,
     [](PduSimulator& pdu, std::size_t, Value value) { pdu.forcing().voltage = value; }},
    {"frequency", "hertz", 0, 99.9, true,
     [](PduSimulator& pdu, std::size_t, Value value) { pdu.forcing().frequency = value; }},
    {"temperature", "degrees", -9.9, 99.9, true,
     [](PduSimulator& pdu, std::size_t, Value value) { pdu.forcing().temperature = value; }},
    {"meter", "the meter's factor", 0, 1000, false,
     [](PduSimulator& pdu, std::size_t, Value value) { pdu.forcing().meter = *value; }},
    {"counter", "the counter's factor", 0, 1000, false,
     [](PduSimulator& pdu, std::size_t, Value value) { pdu.forcing().counter = *value; }},
    {"energy", "kWh", 0, 999999.9, false,
     [](PduSimulator& pdu, std::size_t, Value value) { pdu.set_energy(0, *value); }},
}};

PduOrder outlet_state(Words& words, int outlet) {
    const std::string state(words.peek());
    if (state != "on" && state != "off" && state != "locked") {
        return words.refuse("state: on, off or locked");
    }
    words.take_if(state);
    return [=](PduSimulator& pdu) {
        if (state == "locked") {
            pdu.outlet(outlet).lock();
        } else {
            pdu.outlet(outlet).turn(state == "on");
        }
    };
}

PduOrder memory(Words& words) {
    const int address = words.take_whole("the word's address", 0, pdu::memory_words - 1);
    const int word = words.take_whole("the word's value", 0, most_word);
    return [=](PduSimulator& pdu) { pdu.memory().set(address, word); };
}

}  // namespace

PduOrder parse_outlet_order(Words& words) {
    const int outlet = words.take_whole("the outlet's number", 1, pdu::outlet_count);
    const auto index = static_cast<std::size_t>(outlet - 1);
    if (auto setting = take_setting<PduSimulator>(outlet_settings, words, index)) {
        return setting;
    }
    if (words.take_if("state")) {
        return outlet_state(words, outlet);
    }
    if (words.take_if("shows")) {
        constexpr int last_state = 6;
        std::optional<int> digit;
        if (!words.take_if("auto")) {
            digit = words.take_whole("the state's digit or auto", 0, last_state);
        }
        return [=](PduSimulator& pdu) { forcing(pdu, index).shows = digit; };
    }
    return words.refuse("load, pf, meter, counter, energy, state or shows expected");
}

PduOrder parse_pdu_setting(Words& words) {
    if (auto setting = take_setting<PduSimulator>(pdu_settings, words, 0)) {
        return setting;
    }
    if (words.take_if("alarm")) {
        const auto index = words.take_name("alarm", alarm_names);
        return [index, on = words.take_switch_or_auto("the alarm")](PduSimulator& pdu) {
            pdu.forcing().alarms.at(index) = on;
        };
    }
    if (words.take_if("lag")) {
        return [lag = words.take_duration("how late")](PduSimulator& pdu) { pdu.set_lag(lag); };
    }
    if (words.take_if("memory")) {
        return memory(words);
    }
    return words.refuse(
        "voltage, frequency, temperature, meter, counter, energy, alarm, lag or memory expected");
}

PduOrder parse_pdu_order(Words& words) {
    if (words.take_if("energy") && words.take_if("reset")) {
        return [](PduSimulator& pdu) { pdu.clear_energy(); };
    }
    return words.refuse("pdu: energy reset expected");
}

}  // namespace pwlog::simulator
