// SPDX-License-Identifier: MIT
#include "events/pdu_watch.h"

#include <fmt/format.h>

#include <algorithm>

namespace pwlog {
namespace {

struct AlarmBit {
    bool pdu::Alarms::*bit;
    const char* name;
    const char* code;
    const char* words;
    const char* words_over;
};
constexpr std::array<AlarmBit, 6> alarm_bits{{
    {&pdu::Alarms::low_input_voltage, "low_input_voltage", "A01", "the input voltage is too low",
     "the input voltage is no longer too low"},
    {&pdu::Alarms::high_input_voltage, "high_input_voltage", "A02", "the input voltage is too high",
     "the input voltage is no longer too high"},
    {&pdu::Alarms::low_input_current, "low_input_current", "F09", "the input current is too low",
     "the input current is no longer too low"},
    {&pdu::Alarms::high_input_current, "high_input_current", "F10", "the input current is too high",
     "the input current is no longer too high"},
    {&pdu::Alarms::aux1_power_fail, "aux1_power_fail", "F11", "auxiliary power supply 1 has failed",
     "auxiliary power supply 1 works again"},
    {&pdu::Alarms::aux2_power_fail, "aux2_power_fail", "F12", "auxiliary power supply 2 has failed",
     "auxiliary power supply 2 works again"},
}};

struct OutletAlarm {
    pdu::OutletState state;
    const char* name;
    char code;  ///< the front panel's letter before the outlet's number
    const char* words;
    const char* words_over;
};
constexpr std::array<OutletAlarm, 3> outlet_alarms{{
    {pdu::OutletState::overload, "overload", 'F', "is overloaded", "is no longer overloaded"},
    {pdu::OutletState::shutdown_imminent, "shutdown_imminent", 'S', "shows shutdown imminent",
     "no longer shows shutdown imminent"},
    {pdu::OutletState::locked, "locked", 'L', "is locked", "is no longer locked"},
}};

constexpr std::size_t first_unnamed_bit = 6;
// Nobody outside the maker knows them.
constexpr std::array<const char*, 2> unnamed_bits{"na_b9", "na_b8"};
constexpr std::size_t first_outlet_digit = 8;

/// The eight outlet digits of the 16 status characters; empty where there are none.
std::string digits_of(std::string_view bits) {
    return std::string(bits.substr(std::min(first_outlet_digit, bits.size())));
}

std::string in_words(const OutletTag& outlet) {
    const std::string number = fmt::format("outlet {}", outlet.number);
    return outlet.name == number ? number : fmt::format("{} ({})", number, outlet.name);
}

std::string keyword_of(char digit) {
    return std::string(to_keyword(static_cast<pdu::OutletState>(digit - '0')));
}

std::string_view words_of(char digit) {
    return to_words(static_cast<pdu::OutletState>(digit - '0'));
}

/// History may not say it.
bool is_known(char digit) { return digit >= '0' && digit <= '6'; }

bool are_status_characters(std::string_view bits) {
    return bits.size() == first_outlet_digit + pdu::outlet_count &&
           std::all_of(bits.begin(), bits.end(), [](char c) { return is_known(c) || c == '?'; });
}

std::string meter_alarm_name(const MeterCheck::Finding& finding) {
    const auto name = std::string("meter_").append(to_keyword(finding.kind));
    return finding.channel > 0 ? fmt::format("outlet{}_{}", finding.channel, name) : name;
}

}  // namespace

PduWatch::PduWatch(DeviceTag device, std::array<std::string, pdu::outlet_count> outlet_names)
    : device_(std::move(device)), outlet_names_(std::move(outlet_names)) {
    for (std::size_t i = 0; i < outlet_names_.size(); ++i) {
        if (outlet_names_[i].empty()) {
            outlet_names_[i] = fmt::format("outlet {}", i + 1);
        }
    }
}

OutletTag PduWatch::outlet(std::size_t index) const {
    return {static_cast<int>(index) + 1, outlet_names_.at(index)};
}

std::vector<Event> PduWatch::update(const pdu::Status& status, Timestamp now, bool observed) {
    std::vector<Event> events;
    if (status.bits == last_bits_) {
        return events;
    }
    watch_alarms(status, now, observed, events);
    for (std::size_t i = 0; i < status.outlets.size(); ++i) {
        watch_outlet(i, status, now, observed, events);
    }
    last_bits_ = status.bits;
    return events;
}

void PduWatch::watch(const Alarm& alarm, bool active, Timestamp now, bool observed,
                     std::vector<Event>& events) {
    if (auto event = alarms_.update(device_, alarm, active, now, observed)) {
        events.push_back(std::move(*event));
    }
}

void PduWatch::watch_alarms(const pdu::Status& status, Timestamp now, bool observed,
                            std::vector<Event>& events) {
    for (const auto& bit : alarm_bits) {
        watch(
            {.name = bit.name, .code = bit.code, .words = bit.words, .words_over = bit.words_over},
            status.alarms.*bit.bit, now, observed, events);
    }
    for (std::size_t i = 0; i < unnamed_bits.size(); ++i) {
        const auto* name = unnamed_bits.at(i);
        watch({.name = name,
               .words = fmt::format("status bit {}, whose meaning is not known, is set", name),
               .words_over =
                   fmt::format("status bit {}, whose meaning is not known, is clear", name)},
              status.bits.at(first_unnamed_bit + i) == '1', now, observed, events);
    }
}

void PduWatch::watch_outlet(std::size_t index, const pdu::Status& status, Timestamp now,
                            bool observed, std::vector<Event>& events) {
    const std::size_t digit = first_outlet_digit + index;
    if (!last_bits_.empty() && last_bits_.at(digit) != status.bits.at(digit) &&
        is_known(last_bits_.at(digit))) {
        events.push_back(outlet_changed(index, status, observed));
    }
    const auto tag = outlet(index);
    for (const auto& alarm : outlet_alarms) {
        watch({.name = fmt::format("outlet{}_{}", tag.number, alarm.name),
               .code = fmt::format("{}{:02}", alarm.code, tag.number),
               .words = fmt::format("{} {}", in_words(tag), alarm.words),
               .words_over = fmt::format("{} {}", in_words(tag), alarm.words_over),
               .outlet = tag},
              status.outlets.at(index) == alarm.state, now, observed, events);
    }
}

Event PduWatch::outlet_changed(std::size_t index, const pdu::Status& status, bool observed) const {
    const std::string before = digits_of(last_bits_);
    const std::string after = digits_of(status.bits);
    Event event;
    event.device = device_;
    event.action = "outlet_state_changed";
    event.type = "change";
    event.outlet = outlet(index);
    event.subject = std::to_string(event.outlet->number);
    event.message = fmt::format("{}: {} changed from {} to {}{}", device_.called(),
                                in_words(*event.outlet), words_of(before.at(index)),
                                words_of(after.at(index)), observed ? "" : " (exact time unknown)");
    event.details = {{"from_state", keyword_of(before.at(index))},
                     {"to_state", keyword_of(after.at(index))},
                     {"digits_before", before},
                     {"digits_after", after},
                     {"observed", observed}};
    return event;
}

std::vector<Event> PduWatch::update_meters(const PduReading& reading, Timestamp now,
                                           bool observed) {
    std::vector<Event> events;
    if (auto event = counters_.update(device_, outlet_names_, reading.energy, observed)) {
        events.push_back(std::move(*event));
    }
    for (const auto& finding : meters_.update(reading, now)) {
        if (finding.failing == alarms_.is_on(meter_alarm_name(finding))) {
            continue;
        }
        if (auto event =
                alarms_.update(device_, meter_alarm(finding), finding.failing, now, observed)) {
            event->details.push_back({"check", std::string(to_keyword(finding.kind))});
            event->details.push_back({"measured", finding.measured});
            event->details.push_back({"expected", finding.expected});
            events.push_back(std::move(*event));
        }
    }
    return events;
}

Alarm PduWatch::meter_alarm(const MeterCheck::Finding& finding) const {
    Alarm alarm;
    alarm.started = "meter_check_failed";
    alarm.ended = "meter_check_passed";
    alarm.name = meter_alarm_name(finding);
    std::string channel = "the input";
    if (finding.channel > 0) {
        alarm.outlet = outlet(finding.channel - 1);
        channel = in_words(*alarm.outlet);
    }
    switch (finding.kind) {
        case MeterCheck::Kind::outlets_sum:
            alarm.words = fmt::format(
                "{:.0f} W at the input and {:.0f} W at all outlets do not "
                "fit together",
                finding.measured, finding.expected);
            alarm.words_over = "the power of the input and of all outlets fit together again";
            break;
        case MeterCheck::Kind::va_below_w:
            alarm.words = fmt::format(
                "{}: {:.0f} VA of apparent power are less than {:.0f} W of "
                "active power",
                channel, finding.measured, finding.expected);
            alarm.words_over =
                fmt::format("{}: apparent power is no longer below active power", channel);
            break;
        case MeterCheck::Kind::energy_against_power:
            alarm.words = fmt::format(
                "{}: the energy counter rose by {:.0f} Wh where power over "
                "time gives {:.0f} Wh",
                channel, finding.measured, finding.expected);
            alarm.words_over =
                fmt::format("{}: energy counter and power over time agree again", channel);
            break;
    }
    return alarm;
}

StateText PduWatch::state() const {
    StateText state;
    alarms_.save(state);
    if (!last_bits_.empty()) {
        state.set("bits", last_bits_);
    }
    counters_.save(state);
    return state;
}

std::string PduWatch::save() const { return state().text(); }

std::string PduWatch::save_all() const {
    auto all = state();
    all.set("meters", meters_.save());
    return all.text();
}

void PduWatch::restore(std::string_view text) {
    const auto state = StateText::parse(text);
    alarms_.restore(state);
    const std::string bits = state.get("bits");
    if (are_status_characters(bits)) {
        last_bits_ = bits;
    }
    counters_.restore(state);
    meters_.restore(state.get("meters"));
}

}  // namespace pwlog
