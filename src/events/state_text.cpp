// SPDX-License-Identifier: MIT
#include "events/state_text.h"

#include <cstdint>

#include "base/parse_number.h"

namespace pwlog {

std::optional<Timestamp> parse_time(std::string_view text) {
    const auto number = parse_number<std::int64_t>(text);
    return number ? std::optional(Timestamp(std::chrono::milliseconds(*number))) : std::nullopt;
}

StateText StateText::parse(std::string_view text) {
    StateText state;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (const auto tab = line.find('\t'); tab != std::string_view::npos) {
            state.values_[std::string(line.substr(0, tab))] = line.substr(tab + 1);
        }
    }
    return state;
}

std::string StateText::text() const {
    std::string text;
    for (const auto& [name, value] : values_) {
        text.append(name).append("\t").append(value).append("\n");
    }
    return text;
}

void StateText::set(const std::string& name, std::string value) {
    values_[name] = std::move(value);
}

void StateText::set(const std::string& name, const std::optional<Timestamp>& time) {
    if (time) {
        set(name, std::to_string(time->time_since_epoch().count()));
    }
}

std::string StateText::get(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second;
}

std::optional<Timestamp> StateText::get_time(const std::string& name) const {
    return parse_time(get(name));
}

std::int64_t StateText::get_number(const std::string& name) const {
    return parse_number<std::int64_t>(get(name)).value_or(0);
}

}  // namespace pwlog
