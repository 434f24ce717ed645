#include "events/state_text.h"

namespace pwlog {

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

std::string StateText::get(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second;
}

}  // namespace pwlog
