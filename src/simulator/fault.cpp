// SPDX-License-Identifier: MIT
#include "simulator/fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/printable.h"

namespace pwlog::simulator {
namespace {

using std::chrono::milliseconds;

struct Kind {
    FaultKind kind;
    std::string_view word;
    milliseconds usual_duration;
};

constexpr std::array<Kind, 18> kinds{{
    {FaultKind::drop, "drop", milliseconds(0)},
    {FaultKind::late, "late", milliseconds(1500)},
    {FaultKind::truncated, "truncated", milliseconds(0)},
    {FaultKind::unended, "unended", milliseconds(0)},
    {FaultKind::garbled, "garbled", milliseconds(0)},
    {FaultKind::bitflip, "bitflip", milliseconds(0)},
    {FaultKind::noise, "noise", milliseconds(0)},
    {FaultKind::nul, "nul", milliseconds(0)},
    {FaultKind::linefeed, "linefeed", milliseconds(0)},
    {FaultKind::echo, "echo", milliseconds(0)},
    {FaultKind::nak, "nak", milliseconds(0)},
    {FaultKind::ignored, "ignored", milliseconds(0)},
    {FaultKind::wrong, "wrong", milliseconds(0)},
    {FaultKind::stale, "stale", milliseconds(0)},
    {FaultKind::doubled, "doubled", milliseconds(0)},
    {FaultKind::slow, "slow", milliseconds(200)},
    {FaultKind::babble, "babble", milliseconds(2000)},
    {FaultKind::unplug, "unplug", milliseconds(2000)},
}};

std::string all_words() {
    std::string all;
    for (const auto& each : kinds) {
        all += (all.empty() ? "" : ", ") + std::string(each.word);
    }
    return all;
}

/// `0.05` or `5%`.
Result<double> take_probability(Words& words) {
    constexpr double whole = 100;
    const std::string word(words.peek());
    const bool percent = word.ends_with('%');
    Words number(percent ? word.substr(0, word.size() - 1) : word);
    auto value = number.take_number("a probability or 'next N'", 0, percent ? whole : 1);
    if (!value) {
        return value;
    }
    words.take_if(word);
    return percent ? *value / whole : *value;
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

/// `[for D] [only CMD,…]`
Result<void> take_limits(Words& words, FaultRule& rule) {
    if (words.take_if("for")) {
        auto duration = words.take_duration("how long");
        if (!duration) {
            return pass_on(duration);
        }
        rule.duration = *duration;
    }
    if (words.take_if("only")) {
        auto list = words.take("a list of commands");
        if (!list) {
            return pass_on(list);
        }
        rule.only = split_at_commas(*list);
    }
    return {};
}

/// `S` stands for every `S,…`, whose comma would end it in a list.
bool concerns(const FaultRule& rule, std::string_view command) {
    const auto name = command.substr(0, command.find(','));
    return rule.only.empty() ||
           std::find(rule.only.begin(), rule.only.end(), name) != rule.only.end();
}

}  // namespace

std::string_view to_word(FaultKind kind) {
    return std::find_if(kinds.begin(), kinds.end(),
                        [kind](const Kind& each) { return each.kind == kind; })
        ->word;
}

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

Result<FaultRule> parse_fault(Words& words) {
    const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                   [&](const Kind& each) { return each.word == words.peek(); });
    if (kind == kinds.end()) {
        return fail(ErrorKind::invalid, fmt::format("fault: one of {} expected, got '{}'",
                                                    all_words(), printable(words.peek())));
    }
    words.take_if(kind->word);
    FaultRule rule{kind->kind, 0, std::nullopt, 0, kind->usual_duration, {}};
    if (words.take_if("next")) {
        constexpr int most = 1'000'000;
        auto count = words.take_whole("how many answers", 1, most);
        if (!count) {
            return pass_on(count);
        }
        rule.next = *count;
        if (words.take_if("after")) {
            auto before = words.take_whole("how many answers before", 1, most);
            if (!before) {
                return pass_on(before);
            }
            rule.after = *before;
        }
    } else if (!words.take_if("off")) {
        auto probability = take_probability(words);
        if (!probability) {
            return pass_on(probability);
        }
        rule.probability = *probability;
    }
    if (auto limits = take_limits(words, rule); !limits) {
        return pass_on(limits);
    }
    return rule;
}

}  // namespace pwlog::simulator
