// SPDX-License-Identifier: MIT
#include "events/settings_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_object.h"

namespace pwlog {
namespace {

std::string text_of(const MemoryValue& value) {
    constexpr int decimals = 1;
    return value.is_disabled() ? "disabled" : fmt::format("{}", rounded(value.value(), decimals));
}

}  // namespace

bool SettingsWatch::is_news(const std::vector<MemoryValue>& values) const {
    return std::any_of(values.begin(), values.end(), [&](const MemoryValue& value) {
        return is_news(std::string(value.setting->name), text_of(value));
    });
}

bool SettingsWatch::is_news(const std::string& name, const std::string& value) const {
    return known_.get(name) != value;
}

std::vector<Event> SettingsWatch::update(const std::vector<MemoryValue>& values) {
    std::vector<Event> events;
    for (const auto& value : values) {
        for (auto& event :
             update(std::string(value.setting->name), text_of(value), value.setting->unit)) {
            events.push_back(std::move(event));
        }
    }
    return events;
}

std::vector<Event> SettingsWatch::update(const std::string& name, const std::string& value,
                                         std::string_view unit) {
    const std::string before = known_.get(name);
    known_.set(name, value);
    if (before.empty() || before == value) {
        return {};
    }
    Event event;
    event.device = device_;
    event.action = "setting_changed";
    event.category = "configuration";
    event.type = "change";
    event.subject = name;
    const std::string with_unit = unit.empty() ? "" : fmt::format(" {}", unit);
    event.message = fmt::format("{}: {} changed from {} to {}{}", device_.called(), name, before,
                                value, with_unit);
    event.details = {{"setting", name}, {"old_value", before}, {"new_value", value}};
    if (!unit.empty()) {
        event.details.push_back({"setting_unit", std::string(unit)});
    }
    return {event};
}

}  // namespace pwlog
