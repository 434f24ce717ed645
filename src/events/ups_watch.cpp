// SPDX-License-Identifier: MIT
#include "events/ups_watch.h"

#include <array>
#include <utility>

#include "document/derive.h"

namespace pwlog {
namespace {

struct Flag {
    const char* word;  // NUT's
    const char* name;
    const char* words;
    const char* words_over;
};

constexpr std::array<Flag, 4> flags{
    {{"OB", "on_battery", "runs on battery", "has mains power again"},
     {"LB", "low_battery", "its battery is low", "its battery is no longer low"},
     {"RB", "replace_battery", "its battery needs to be replaced",
      "its battery no longer needs to be replaced"},
     {"OVER", "overload", "is overloaded", "is no longer overloaded"}}};

Alarm alarm_of(const Flag& flag) {
    Alarm alarm;
    alarm.name = flag.name;
    alarm.words = flag.words;
    alarm.words_over = flag.words_over;
    return alarm;
}

const Flag communication{"", "communication_lost", "its NUT server has lost it",
                         "its NUT server has it again"};

}  // namespace

std::vector<Event> UpsWatch::update(const DeviceTag& device, std::string_view status,
                                    const std::string& complaint, Timestamp now, bool observed) {
    std::vector<Event> events;
    const auto tell = [&](const Flag& flag, bool active, bool is_observed) {
        if (auto event = alarms_.update(device, alarm_of(flag), active, now, is_observed)) {
            event->reason = complaint;
            events.push_back(std::move(*event));
        }
    };
    // Of what the server says of itself no reading is needed to know since when.
    tell(communication, false, std::exchange(was_told_, true));
    for (const auto& flag : flags) {
        if (const auto active = ups_has(status, flag.word)) {
            tell(flag, *active, observed);
        }
    }
    return events;
}

std::vector<Event> UpsWatch::lost(const DeviceTag& device, const std::string& reason,
                                  Timestamp now) {
    auto event =
        alarms_.update(device, alarm_of(communication), true, now, std::exchange(was_told_, true));
    if (!event) {
        return {};
    }
    event->reason = reason;
    return {std::move(*event)};
}

std::string UpsWatch::save() const {
    StateText state;
    alarms_.save(state);
    return state.text();
}

void UpsWatch::restore(std::string_view text) { alarms_.restore(StateText::parse(text)); }

}  // namespace pwlog
