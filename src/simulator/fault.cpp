// SPDX-License-Identifier: MIT
#include "simulator/fault.h"

#include <algorithm>
#include <array>

namespace pwlog::simulator {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 18> kind_words{
    "drop", "late", "truncated", "unended", "garbled", "bitflip", "noise", "nul",    "linefeed",
    "echo", "nak",  "ignored",   "wrong",   "stale",   "doubled", "slow",  "babble", "unplug"};

milliseconds usual_duration(FaultKind kind) {
    switch (kind) {
        case FaultKind::late:
            return milliseconds(1500);
        case FaultKind::slow:
            return milliseconds(200);
        case FaultKind::babble:
        case FaultKind::unplug:
            return milliseconds(2000);
        default:
            return milliseconds(0);
    }
}

std::vector<std::string> split_at_commas(std::string_view list) {
    std::vector<std::string> parts;
    while (true) {
        const auto comma = list.find(',');
        parts.emplace_back(list.substr(0, comma));
        if (comma == std::string_view::npos) {
            return parts;
        }
        list.remove_prefix(comma + 1);
    }
}

/// `S` stands for every `S,…`, whose comma would end it in a list.
bool concerns(const FaultRule& rule, std::string_view command) {
    const auto name = command.substr(0, command.find(','));
    return rule.only.empty() ||
           std::find(rule.only.begin(), rule.only.end(), name) != rule.only.end();
}

}  // namespace

std::string_view to_word(FaultKind kind) { return kind_words.at(static_cast<std::size_t>(kind)); }

void FaultPlan::add(const FaultRule& rule) {
    std::erase_if(rules_, [&](const FaultRule& old) {
        return old.kind == rule.kind && old.only == rule.only &&
               old.next.has_value() == rule.next.has_value();
    });
    if (rule.next || rule.probability > 0) {
        rules_.push_back(rule);
    }
}

std::optional<FaultRule> FaultPlan::draw(std::string_view command, Dice& dice) {
    for (auto rule = rules_.begin(); rule != rules_.end(); ++rule) {
        auto& left = rule->next;
        if (left && concerns(*rule, command)) {
            if (rule->after > 0) {
                --rule->after;
                continue;
            }
            const auto drawn = *rule;
            if (--*left == 0) {
                rules_.erase(rule);
            }
            return drawn;
        }
    }
    for (const auto& rule : rules_) {
        if (!rule.next && concerns(rule, command) && dice.chance(rule.probability)) {
            return rule;
        }
    }
    return std::nullopt;
}

FaultRule parse_fault(Words& words) {
    FaultRule rule;
    rule.kind = static_cast<FaultKind>(words.take_name("fault", kind_words));
    rule.duration = usual_duration(rule.kind);
    if (words.take_if("next")) {
        constexpr int most = 1'000'000;
        rule.next = words.take_whole("how many answers", 1, most);
        if (words.take_if("after")) {
            rule.after = words.take_whole("how many answers before", 1, most);
        }
    } else if (!words.take_if("off")) {
        rule.probability = words.take_share("a probability or 'next N'");
    }
    if (words.take_if("for")) {
        rule.duration = words.take_duration("how long");
    }
    if (words.take_if("only")) {
        rule.only = split_at_commas(words.take("a list of commands"));
    }
    return rule;
}

}  // namespace pwlog::simulator
