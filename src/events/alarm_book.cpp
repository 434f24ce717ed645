// SPDX-License-Identifier: MIT
#include "events/alarm_book.h"

#include <fmt/format.h>

#include <string_view>

namespace pwlog {
namespace {

constexpr std::string_view prefix = "alarm.";

Event event_of(const DeviceTag& device, const Alarm& alarm) {
    Event event;
    event.device = device;
    event.kind = "alert";
    event.code = alarm.code;
    event.outlet = alarm.outlet;
    event.subject = alarm.name;
    event.details.push_back({"alarm", alarm.name});
    if (alarm.source) {
        event.details.push_back({"source", std::int64_t{*alarm.source}});
    }
    return event;
}

std::string started_message(const DeviceTag& device, const Alarm& alarm, bool observed) {
    return fmt::format("{}: {}{}{}", device.called(), alarm.words,
                       alarm.code.empty() ? "" : fmt::format(" ({})", alarm.code),
                       observed ? "" : " (exact time unknown)");
}

/// Without the time where a clock that went back would make it less than nothing.
std::string ended_message(const DeviceTag& device, const Alarm& alarm,
                          std::chrono::milliseconds lasted, bool observed) {
    const std::string after =
        lasted.count() < 0
            ? ""
            : fmt::format(", after {}{}", observed ? "" : "at most ", in_words(lasted));
    return fmt::format("{}: {}{}{}", device.called(), alarm.words_over, after,
                       observed ? "" : " (exact time unknown)");
}

}  // namespace

std::string in_words(std::chrono::milliseconds time) {
    const auto seconds = std::chrono::round<std::chrono::seconds>(time).count();
    constexpr auto minute = 60;
    constexpr auto hour = 60 * minute;
    constexpr auto day = 24 * hour;
    if (seconds >= day) {
        return fmt::format("{} d {} h", seconds / day, seconds % day / hour);
    }
    if (seconds >= hour) {
        return fmt::format("{} h {} min", seconds / hour, seconds % hour / minute);
    }
    if (seconds >= minute) {
        return fmt::format("{} min {} s", seconds / minute, seconds % minute);
    }
    return seconds > 0 ? fmt::format("{} s", seconds) : "less than 1 s";
}

std::optional<Event> AlarmBook::update(const DeviceTag& device, const Alarm& alarm, bool active,
                                       Timestamp now, bool observed) {
    const auto open = on_.find(alarm.name);
    if (active == (open != on_.end())) {
        return std::nullopt;
    }
    Event event = event_of(device, alarm);
    event.details.push_back({"observed", observed});
    if (active) {
        event.action = alarm.started;
        event.type = "start";
        event.start = now;
        event.message = started_message(device, alarm, observed);
        event.pair_id = event_id(event, now);
        on_[alarm.name] = {now, event.pair_id};
        return event;
    }
    event.action = alarm.ended;
    event.type = "end";
    event.start = open->second.since;
    event.end = now;
    event.pair_id = open->second.id;
    event.message = ended_message(device, alarm, now - open->second.since, observed);
    on_.erase(open);
    return event;
}

void AlarmBook::save(StateText& state) const {
    for (const auto& [name, open] : on_) {
        state.set(std::string(prefix) + name,
                  fmt::format("{} {}", open.since.time_since_epoch().count(), open.id));
    }
}

void AlarmBook::restore(const StateText& state) {
    on_.clear();
    for (const auto& [name, value] : state.all()) {
        const auto space = value.find(' ');
        const auto since = parse_time(value.substr(0, space));
        if (name.starts_with(prefix) && since && space != std::string::npos &&
            space + 1 < value.size()) {
            on_[name.substr(prefix.size())] = {*since, value.substr(space + 1)};
        }
    }
}

}  // namespace pwlog
