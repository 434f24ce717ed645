// SPDX-License-Identifier: MIT
#include "events/reachability.h"

#include <fmt/format.h>

namespace pwlog {
namespace {

/// Network UPS Tools, too, calls data stale after three failed polls in a row.
constexpr int failures_to_unreachable = 3;
constexpr const char* alarm_name = "unreachable";

const Alarm& unreachable() {
    static const Alarm alarm{.name = alarm_name,
                             .words = "cannot be reached",
                             .words_over = "answers again",
                             .started = "device_unreachable",
                             .ended = "device_reachable",
                             .outlet = {},
                             .source = {}};
    return alarm;
}

bool is_line_lost(ErrorKind kind) {
    return kind != ErrorKind::timeout && kind != ErrorKind::garbled && kind != ErrorKind::refused;
}

}  // namespace

Reachability::Reachability(DeviceTag device, std::string port)
    : device_(std::move(device)), port_(std::move(port)) {}

bool Reachability::is_unreachable() const { return alarms_.is_on(alarm_name); }

Event Reachability::event(const Error& error) const {
    Event event;
    event.device = device_;
    event.outcome = "failure";
    event.reason = error.message;
    event.details = {{"port", port_}};
    return event;
}

std::vector<Event> Reachability::failed(const Error& error, Timestamp now) {
    std::vector<Event> events;
    ++failures_;
    const bool was_unreachable = is_unreachable();
    if (is_line_lost(error.kind) || failures_ >= failures_to_unreachable) {
        if (auto begun = alarms_.update(device_, unreachable(), true, now, true)) {
            begun->outcome = "failure";
            begun->reason = error.message;
            begun->details.push_back({"port", port_});
            events.push_back(std::move(*begun));
        }
    }
    if (failures_ == 1 && !was_unreachable && !is_unreachable()) {
        events.push_back(event(error));
        events.back().action = "reading_failed";
        events.back().message = fmt::format("{}: could not be read", device_.called());
    }
    if (error.kind == ErrorKind::wrong_device && !is_wrong_device_) {
        is_wrong_device_ = true;
        events.push_back(event(error));
        events.back().kind = "alert";
        events.back().action = "wrong_device";
        events.back().message =
            fmt::format("{}: another device is on its port {}", device_.called(), port_);
    }
    return events;
}

std::vector<Event> Reachability::succeeded(Timestamp now, bool observed) {
    failures_ = 0;
    is_wrong_device_ = false;
    if (auto over = alarms_.update(device_, unreachable(), false, now, observed)) {
        over->outcome = "success";
        over->details.push_back({"port", port_});
        return {std::move(*over)};
    }
    return {};
}

std::string Reachability::save() const {
    StateText state;
    alarms_.save(state);
    state.set("failed", failures_ > 0 ? "1" : "0");
    state.set("wrong_device", is_wrong_device_ ? "1" : "0");
    return state.text();
}

/// One more failure of the next process, too, makes it unreachable: where each process reads only
/// once, none would ever see three in a row.
void Reachability::restore(std::string_view text) {
    const auto state = StateText::parse(text);
    alarms_.restore(state);
    failures_ = state.get_number("failed") != 0 ? failures_to_unreachable - 1 : 0;
    is_wrong_device_ = state.get_number("wrong_device") != 0;
}

}  // namespace pwlog
