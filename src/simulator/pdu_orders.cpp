// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "base/printable.h"
#include "simulator/model_orders.h"
#include "simulator/number_setting.h"

namespace pwlog::simulator {
namespace {

constexpr int most_word = 0xFFFF;

constexpr std::array<std::string_view, 6> alarm_names{"low_input_voltage", "high_input_voltage",
                                                      "low_input_current", "high_input_current",
                                                      "aux1_power_fail",   "aux2_power_fail"};

tl::unexpected<Error> unknown(std::string_view what, std::string_view word) {
    return fail(ErrorKind::invalid, fmt::format("{}, got '{}'", what, printable(word)));
}

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

/// Turns the value just parsed into an order, or hands its error on.
template <class T, class Apply>
Result<PduOrder> order(const Result<T>& value, Apply apply) {
    if (!value) {
        return pass_on(value);
    }
    return PduOrder([value = *value, apply](PduSimulator& pdu) { apply(pdu, value); });
}

Result<PduOrder> outlet_state(Words& words, int outlet) {
    const std::string state(words.peek());
    if (state != "on" && state != "off" && state != "locked") {
        return unknown("state: on, off or locked", state);
    }
    words.take_if(state);
    return PduOrder([=](PduSimulator& pdu) {
        if (state == "locked") {
            pdu.outlet(outlet).lock();
        } else {
            pdu.outlet(outlet).turn(state == "on");
        }
    });
}

Result<PduOrder> outlet_shows(Words& words, std::size_t index) {
    if (words.take_if("auto")) {
        return PduOrder([=](PduSimulator& pdu) { forcing(pdu, index).shows.reset(); });
    }
    constexpr int last_state = 6;
    return order(words.take_whole("the state's digit or auto", 0, last_state),
                 [=](PduSimulator& pdu, int digit) { forcing(pdu, index).shows = digit; });
}

Result<PduOrder> alarm(Words& words) {
    const auto name = std::find(alarm_names.begin(), alarm_names.end(), words.peek());
    if (name == alarm_names.end()) {
        return unknown(fmt::format("alarm: one of {}", fmt::join(alarm_names, ", ")), words.peek());
    }
    words.take_if(*name);
    const auto index = static_cast<std::size_t>(name - alarm_names.begin());
    if (words.take_if("auto")) {
        return PduOrder([=](PduSimulator& pdu) { pdu.forcing().alarms.at(index).reset(); });
    }
    return order(words.take_switch("the alarm, or auto"),
                 [=](PduSimulator& pdu, bool on) { pdu.forcing().alarms.at(index) = on; });
}

Result<PduOrder> memory(Words& words) {
    auto address = words.take_whole("the word's address", 0, pdu::memory_words - 1);
    if (!address) {
        return pass_on(address);
    }
    return order(
        words.take_whole("the word's value", 0, most_word),
        [address = *address](PduSimulator& pdu, int word) { pdu.memory().set(address, word); });
}

}  // namespace

Result<PduOrder> parse_outlet_order(Words& words) {
    const auto outlet = words.take_whole("the outlet's number", 1, pdu::outlet_count);
    if (!outlet) {
        return pass_on(outlet);
    }
    const auto index = static_cast<std::size_t>(*outlet - 1);
    if (auto setting = take_setting<PduSimulator>(outlet_settings, words, index)) {
        return *setting;
    }
    if (words.take_if("state")) {
        return outlet_state(words, *outlet);
    }
    if (words.take_if("shows")) {
        return outlet_shows(words, index);
    }
    return unknown("load, pf, meter, counter, energy, state or shows expected", words.peek());
}

Result<PduOrder> parse_pdu_setting(Words& words) {
    if (auto setting = take_setting<PduSimulator>(pdu_settings, words, 0)) {
        return *setting;
    }
    if (words.take_if("alarm")) {
        return alarm(words);
    }
    if (words.take_if("lag")) {
        return order(words.take_duration("how late"),
                     [](PduSimulator& pdu, std::chrono::nanoseconds lag) { pdu.set_lag(lag); });
    }
    if (words.take_if("memory")) {
        return memory(words);
    }
    return unknown(
        "voltage, frequency, temperature, meter, counter, energy, alarm, lag or memory expected",
        words.peek());
}

Result<PduOrder> parse_pdu_order(Words& words) {
    if (words.take_if("energy") && words.take_if("reset")) {
        return PduOrder([](PduSimulator& pdu) { pdu.clear_energy(); });
    }
    return unknown("pdu: energy reset expected", words.peek());
}

}  // namespace pwlog::simulator
