// SPDX-License-Identifier: MIT
#include "cli/outlet_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/json_object.h"
#include "config/config_problems.h"
#include "protocol/pdu.h"
#include "terminal/terminal_text.h"
#include "terminal/text_table.h"

namespace pwlog {
namespace {

using pdu::OutletState;

bool counts_down(OutletState state) {
    return state == OutletState::shutdown_active || state == OutletState::shutdown_imminent ||
           state == OutletState::restore_active;
}

bool is_among(const std::vector<int>& outlets, std::size_t index) {
    const int number = static_cast<int>(index) + 1;
    return std::find(outlets.begin(), outlets.end(), number) != outlets.end();
}

bool is_switchable(const DeviceFacts& facts, std::size_t index) {
    return is_among(facts.switchable, index) &&
           (!facts.in_force || is_among(*facts.in_force, index));
}

/// Both the file and a running daemon allow it, or which of them does not.
std::string switchable_text(const DeviceFacts& facts, std::size_t index) {
    if (is_switchable(facts, index)) {
        return "yes";
    }
    return is_among(facts.switchable, index) ? "after reload" : "no";
}

/// "300 s to off", or both: "off 300 s, on 60 s".
std::string countdown_text(const pdu::Countdown& countdown) {
    if (countdown.shutdown_s > 0 && countdown.restore_s > 0) {
        return fmt::format("off {} s, on {} s", countdown.shutdown_s, countdown.restore_s);
    }
    return countdown.shutdown_s > 0  ? fmt::format("{} s to off", countdown.shutdown_s)
           : countdown.restore_s > 0 ? fmt::format("{} s to on", countdown.restore_s)
                                     : std::string();
}

const char* colour_of(OutletState state) {
    switch (state) {
        case OutletState::on:
            return "\033[32m";  // green
        case OutletState::off:
            return "\033[2m";  // faint
        case OutletState::overload:
        case OutletState::locked:
            return "\033[31m";  // red
        default:
            return "\033[33m";  // yellow: counts down
    }
}

/// The state's words in its line, in the state's colour.
void paint(std::string& line, OutletState state) {
    const std::string words(pdu::to_words(state));
    const auto at = line.rfind("  " + words);
    if (at != std::string::npos) {
        line.replace(at + 2, words.size(), colour_of(state) + words + "\033[0m");
    }
}

std::string watts_text(const std::optional<Watts>& power) {
    return power ? fmt::format("{}", power->value()) : "-";
}

std::string amperes_text(const std::optional<Amperes>& current) {
    return current ? fmt::format("{:.1f}", current->value()) : "-";
}

/// What the other columns leave of the terminal's width.
std::size_t room_for_names(const OutletList& list, std::size_t columns) {
    constexpr std::size_t others = 40;  // number, W, A, switchable, and the blanks between
    constexpr std::size_t shortest = 4;
    std::size_t taken = others;
    std::size_t words = 0;
    std::size_t countdown = 0;
    for (std::size_t i = 0; i < list.status.outlets.size(); ++i) {
        words = std::max(words, pdu::to_words(list.status.outlets.at(i)).size());
        if (list.countdowns) {
            countdown = std::max(countdown, countdown_text(list.countdowns->at(i)).size());
        }
    }
    taken += words + countdown;
    return std::max(shortest, columns - std::min(columns, taken));
}

template <class T>
Result<T> ask_decoded(DeviceAccess& line, const Query& query,
                      Result<T> (*decode)(std::string_view)) {
    const auto payload = line.ask(query.text);
    return payload ? decode(*payload) : pass_on(payload);
}

}  // namespace

Result<OutletList> read_outlet_list(DeviceAccess& line) {
    auto status = ask_decoded(line, pdu::qgs, pdu::decode_status);
    if (!status) {
        return pass_on(status);
    }
    auto power = ask_decoded(line, pdu::qpw, pdu::decode_active_power);
    if (!power) {
        return pass_on(power);
    }
    OutletList list{*std::move(status), *std::move(power)};
    if (std::any_of(list.status.outlets.begin(), list.status.outlets.end(), counts_down)) {
        auto countdowns = ask_decoded(line, pdu::qsr, pdu::decode_countdowns);
        if (!countdowns) {
            return pass_on(countdowns);
        }
        list.countdowns = *std::move(countdowns);
    }
    return list;
}

std::string outlet_list_json(const OutletList& list, const DeviceFacts& facts) {
    JsonObject json;
    json.add("device", facts.id);
    json.open_list("outlets");
    for (std::size_t i = 0; i < list.status.outlets.size(); ++i) {
        json.open_item();
        json.add("number", static_cast<int>(i) + 1);
        json.add("name", facts.outlet_names.at(i));
        json.add("state", pdu::to_keyword(list.status.outlets.at(i)));
        json.add("state_code", static_cast<int>(list.status.outlets.at(i)));
        json.add("power_w", value_of(list.power.outlets.at(i)));
        json.add("current_a", value_of(list.status.outlet_current.at(i)));
        if (list.countdowns) {
            json.add("shutdown_s", list.countdowns->at(i).shutdown_s);
            json.add("restore_s", list.countdowns->at(i).restore_s);
        }
        json.add("switchable", is_switchable(facts, i));
        json.close();
    }
    json.close_list();
    return json.take();
}

std::string outlet_list_table(const OutletList& list, const DeviceFacts& facts, bool colour,
                              std::size_t columns) {
    using Align = TextTable::Align;
    const auto widest_name = room_for_names(list, columns);
    TextTable table;
    table.column("Outlet", Align::right).column("Name").column("State");
    table.column("W", Align::right).column("A", Align::right).column("Switchable");
    table.column(list.countdowns ? "Countdown" : "");
    for (std::size_t i = 0; i < list.status.outlets.size(); ++i) {
        const auto state = list.status.outlets.at(i);
        table.row({std::to_string(i + 1), cut_text(facts.outlet_names.at(i), widest_name),
                   std::string(pdu::to_words(state)), watts_text(list.power.outlets.at(i)),
                   amperes_text(list.status.outlet_current.at(i)), switchable_text(facts, i),
                   list.countdowns ? countdown_text(list.countdowns->at(i)) : ""});
    }
    if (!colour) {
        return table.text();
    }
    std::string painted;
    std::string_view rest;
    const std::string plain = table.text();
    rest = plain;
    for (std::size_t number = 0; !rest.empty(); ++number) {
        const auto end = rest.find('\n');
        std::string line(rest.substr(0, end));
        if (number > 0) {  // the first is the headings
            paint(line, list.status.outlets.at(number - 1));
        }
        painted += line + '\n';
        rest.remove_prefix(end + 1);
    }
    return painted;
}

Result<pdu::OutletChoice> find_outlet(const DeviceFacts& facts, const std::string& text) {
    if (text == "all") {
        return pdu::OutletChoice::all();
    }
    std::vector<std::string> known;
    std::vector<int> found;
    for (std::size_t i = 0; i < facts.outlet_names.size(); ++i) {
        const int number = static_cast<int>(i) + 1;
        const std::string& name = facts.outlet_names.at(i);
        if (text == std::to_string(number)) {  // a number is never somebody's name
            return pdu::OutletChoice::number(number);
        }
        if (!name.empty()) {
            known.push_back(name);
        }
        if (!name.empty() && name == text) {
            found.push_back(number);
        }
    }
    if (found.size() == 1) {
        return pdu::OutletChoice::number(found.front());
    }
    if (found.size() > 1) {
        return fail(ErrorKind::invalid, fmt::format("outlets {} are all called \"{}\": which one?",
                                                    fmt::join(found, ", "), text));
    }
    if (const auto near = nearest_name(text, {known.begin(), known.end()}, text.size() / 3);
        !near.empty()) {
        return fail(ErrorKind::invalid,
                    fmt::format(R"(there is no outlet "{}": did you mean "{}"?)", text, near));
    }
    return fail(ErrorKind::invalid,
                fmt::format("there is no outlet \"{}\": 1 to 8{}{}, or all", text,
                            known.empty() ? "" : ", ", fmt::join(known, ", ")));
}

std::string outlet_called(const DeviceFacts& facts, pdu::OutletChoice outlet) {
    if (outlet.is_all()) {
        return "all outlets";
    }
    const auto& name = facts.outlet_names.at(static_cast<std::size_t>(outlet.outlet() - 1));
    return name.empty() ? fmt::format("outlet {}", outlet.outlet())
                        : fmt::format("outlet {} ({})", outlet.outlet(), name);
}

}  // namespace pwlog
