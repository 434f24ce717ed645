#include "events/pdu_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace pwlog {
namespace {

struct AlarmBit {
    bool pdu::Alarms::*bit;
    const char* name;
    const char* code;
    const char* words;
};
constexpr std::array<AlarmBit, 6> alarm_bits{{
    {&pdu::Alarms::low_input_voltage, "low_input_voltage", "A01", "the input voltage is too low"},
    {&pdu::Alarms::high_input_voltage, "high_input_voltage", "A02",
     "the input voltage is too high"},
    {&pdu::Alarms::low_input_current, "low_input_current", "F09", "the input current is too low"},
    {&pdu::Alarms::high_input_current, "high_input_current", "F10",
     "the input current is too high"},
    {&pdu::Alarms::aux1_power_fail, "aux1_power_fail", "F11",
     "auxiliary power supply 1 has failed"},
    {&pdu::Alarms::aux2_power_fail, "aux2_power_fail", "F12",
     "auxiliary power supply 2 has failed"},
}};

struct OutletAlarm {
    pdu::OutletState state;
    const char* name;
    char code;  ///< the front panel's letter before the outlet's number
    const char* words;
};
constexpr std::array<OutletAlarm, 3> outlet_alarms{{
    {pdu::OutletState::overload, "overload", 'F', "is overloaded"},
    {pdu::OutletState::shutdown_imminent, "shutdown_imminent", 'S', "is about to be shut down"},
    {pdu::OutletState::locked, "locked", 'L', "is locked"},
}};

constexpr std::size_t first_unnamed_bit = 6;  // na_b9, na_b8: nobody outside the maker knows them
constexpr std::size_t unnamed_bits = 2;

std::string digits_of(const pdu::Status& status) {
    std::string digits;
    for (const auto state : status.outlets) {
        digits += static_cast<char>('0' + static_cast<int>(state));
    }
    return digits;
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

std::vector<Event> PduWatch::update(const pdu::Status& status, Timestamp now,
                                    std::chrono::milliseconds longest_gap) {
    const bool observed = last_ && now - *last_ <= longest_gap;
    std::vector<Event> events;
    watch_alarms(status, now, observed, events);
    for (std::size_t i = 0; i < status.outlets.size(); ++i) {
        watch_outlet(i, status, now, observed, events);
    }
    last_outlets_ = digits_of(status);
    last_ = now;
    return events;
}

void PduWatch::watch_alarms(const pdu::Status& status, Timestamp now, bool observed,
                            std::vector<Event>& events) {
    const auto watch = [&](const Alarm& alarm, bool active) {
        if (auto event = alarms_.update(device_, alarm, active, now, observed)) {
            events.push_back(std::move(*event));
        }
    };
    for (const auto& bit : alarm_bits) {
        watch({.name = bit.name, .code = bit.code, .words = bit.words}, status.alarms.*bit.bit);
    }
    for (std::size_t i = 0; i < unnamed_bits; ++i) {
        const std::string name = i == 0 ? "na_b9" : "na_b8";
        watch({.name = name,
               .words = fmt::format("status bit {} is set (its meaning is not known)", name)},
              status.bits[first_unnamed_bit + i] == '1');
    }
}

void PduWatch::watch_outlet(std::size_t index, const pdu::Status& status, Timestamp now,
                            bool observed, std::vector<Event>& events) {
    const auto state = status.outlets[index];
    const OutletTag outlet{static_cast<int>(index) + 1, outlet_names_[index]};
    const std::string digits = digits_of(status);
    if (last_outlets_ && (*last_outlets_)[index] != digits[index]) {
        const auto before = static_cast<pdu::OutletState>((*last_outlets_)[index] - '0');
        Event event;
        event.device = device_;
        event.action = "outlet_state_changed";
        event.types = {"change"};
        event.outlet = outlet;
        event.subject = std::to_string(outlet.number);
        event.message =
            fmt::format("{}: outlet {} ({}) changed from {} to {}", device_.id, outlet.number,
                        outlet.name, to_keyword(before), to_keyword(state));
        event.details = {{"from_state", std::string(to_keyword(before))},
                         {"to_state", std::string(to_keyword(state))},
                         {"digits_before", *last_outlets_},
                         {"digits_after", digits},
                         {"observed", observed}};
        events.push_back(std::move(event));
    }
    for (const auto& alarm : outlet_alarms) {
        const Alarm named{
            .name = fmt::format("outlet{}_{}", outlet.number, alarm.name),
            .code = fmt::format("{}{:02}", alarm.code, outlet.number),
            .words = fmt::format("outlet {} ({}) {}", outlet.number, outlet.name, alarm.words),
            .outlet = outlet};
        if (auto event = alarms_.update(device_, named, state == alarm.state, now, observed)) {
            events.push_back(std::move(*event));
        }
    }
}

std::vector<Event> PduWatch::update_meters(const PduReading& reading, Timestamp now) {
    std::vector<Event> events;
    watch_counters(reading.energy, events);
    for (const auto& finding : meters_.update(reading, now)) {
        const Alarm alarm{.name = "meter_" + finding.check,
                          .words = finding.words,
                          .started = "meter_check_failed",
                          .ended = "meter_check_passed",
                          .outlet = {},
                          .source = {}};
        if (auto event = alarms_.update(device_, alarm, finding.failing, now, true)) {
            event->details.push_back({"check", finding.check});
            event->details.push_back({"measured", finding.measured});
            event->details.push_back({"expected", finding.expected});
            events.push_back(std::move(*event));
        }
    }
    return events;
}

/// A counter only falls when it is cleared; that a second reading said the same is the device
/// layer's care.
void PduWatch::watch_counters(const pdu::Energy& energy, std::vector<Event>& events) {
    std::vector<double> now{energy.input ? energy.input->value() : 0.0};
    for (const auto& outlet : energy.outlets) {
        now.push_back(outlet ? outlet->value() : 0.0);
    }
    if (last_kwh_) {
        std::vector<std::string> fallen;
        for (std::size_t i = 0; i < now.size(); ++i) {
            if (now[i] < (*last_kwh_)[i]) {
                fallen.push_back(i == 0 ? std::string("input") : outlet_names_[i - 1]);
            }
        }
        if (!fallen.empty()) {
            const auto first = static_cast<std::size_t>(
                std::mismatch(now.begin(), now.end(), last_kwh_->begin(), std::greater_equal<>())
                    .first -
                now.begin());
            Event event;
            event.device = device_;
            event.action = "energy_counter_reset";
            event.types = {"change"};
            event.message = fmt::format("{}: energy counters were cleared ({})", device_.id,
                                        fmt::join(fallen, ", "));
            event.details = {{"counter_before_kwh", (*last_kwh_)[first]},
                             {"counter_after_kwh", now[first]},
                             {"count", static_cast<std::int64_t>(fallen.size())}};
            events.push_back(std::move(event));
        }
    }
    last_kwh_ = std::move(now);
}

std::string PduWatch::save() const {
    StateText state;
    alarms_.save(state);
    if (last_) {
        state.set("last", std::to_string(last_->time_since_epoch().count()));
    }
    if (last_outlets_) {
        state.set("outlets", *last_outlets_);
    }
    if (last_kwh_) {
        state.set("kwh", fmt::format("{}", fmt::join(*last_kwh_, " ")));
    }
    return state.text();
}

void PduWatch::restore(std::string_view text) {
    const auto state = StateText::parse(text);
    alarms_.restore(state);
    const std::string last = state.get("last");
    std::int64_t milliseconds = 0;
    if (std::from_chars(last.data(), last.data() + last.size(), milliseconds).ec == std::errc{}) {
        last_ = Timestamp(std::chrono::milliseconds(milliseconds));
    }
    const std::string outlets = state.get("outlets");
    if (outlets.size() == pdu::outlet_count &&
        std::all_of(outlets.begin(), outlets.end(), [](char c) { return c >= '0' && c <= '6'; })) {
        last_outlets_ = outlets;
    }
    const std::string kwh = state.get("kwh");
    std::vector<double> counters;
    for (const char* at = kwh.data(); at < kwh.data() + kwh.size();) {
        double counter = 0;
        const auto [end, code] = std::from_chars(at, kwh.data() + kwh.size(), counter);
        if (code != std::errc{}) {
            break;
        }
        counters.push_back(counter);
        at = end + 1;
    }
    if (counters.size() == pdu::outlet_count + 1) {
        last_kwh_ = counters;
    }
}

}  // namespace pwlog
