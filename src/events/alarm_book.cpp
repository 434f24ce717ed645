#include "events/alarm_book.h"

#include <fmt/format.h>

#include <charconv>

namespace pwlog {
namespace {

constexpr std::string_view prefix = "alarm.";

/// "for 3 min 5 s"
std::string in_words(std::chrono::milliseconds time) {
    const auto seconds = std::chrono::round<std::chrono::seconds>(time).count();
    constexpr auto minute = 60;
    constexpr auto hour = 60 * minute;
    if (seconds >= hour) {
        return fmt::format("{} h {} min", seconds / hour, seconds % hour / minute);
    }
    return seconds >= minute ? fmt::format("{} min {} s", seconds / minute, seconds % minute)
                             : fmt::format("{} s", seconds);
}

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

}  // namespace

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
        event.types = {"start"};
        event.start = now;
        event.message = fmt::format("{}: {}", device.id, alarm.words);
        event.pair_id = event_id(event, now);
        on_[alarm.name] = {now, event.pair_id};
        return event;
    }
    event.action = alarm.ended;
    event.types = {"end"};
    event.start = open->second.since;
    event.end = now;
    event.pair_id = open->second.id;
    event.message = fmt::format("{}: over after {}{}: {}", device.id, observed ? "" : "at most ",
                                in_words(now - open->second.since), alarm.words);
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
        std::int64_t since = 0;
        const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), since);
        const auto used = static_cast<std::size_t>(end - value.data());
        if (name.starts_with(prefix) && code == std::errc{} && used + 1 < value.size()) {
            on_[name.substr(prefix.size())] = {Timestamp(std::chrono::milliseconds(since)),
                                               value.substr(used + 1)};
        }
    }
}

}  // namespace pwlog
