// SPDX-License-Identifier: MIT
#include "simulator/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/parse_number.h"
#include "base/printable.h"

namespace pwlog::simulator {
namespace {

constexpr std::string_view blanks = " \t\r";

std::optional<double> to_number(std::string_view text) {
    return parse_number<double>(text, std::chars_format::fixed);
}

std::optional<int> to_whole(std::string_view text) {
    return text.starts_with("0x") ? parse_number<int>(text.substr(2), 16) : parse_number<int>(text);
}

}  // namespace

Words::Words(std::string_view text) {
    while (true) {
        const auto start = text.find_first_not_of(blanks);
        if (start == std::string_view::npos) {
            return;
        }
        text.remove_prefix(start);
        words_.emplace_back(text.substr(0, text.find_first_of(blanks)));
        text.remove_prefix(words_.back().size());
    }
}

bool Words::take_if(std::string_view word) {
    const bool there = !at_end() && peek() == word;
    next_ += there ? 1 : 0;
    return there;
}

std::string Words::take(std::string_view what) {
    if (at_end()) {
        expect(what, peek());
        return {};
    }
    return words_[next_++];
}

double Words::take_number(std::string_view word, std::string_view what, double least,
                          double greatest) {
    const auto value = to_number(word);
    if (!value || *value < least || *value > greatest) {
        expect(fmt::format("{} ({} to {})", what, least, greatest), word);
        return least;
    }
    ++next_;
    return *value;
}

double Words::take_number(std::string_view what, double least, double greatest) {
    return take_number(peek(), what, least, greatest);
}

double Words::take_share(std::string_view what) {
    constexpr double whole = 100;
    return peek().ends_with('%')
               ? take_number(peek().substr(0, peek().size() - 1), what, 0, whole) / whole
               : take_number(what, 0, 1);
}

int Words::take_whole(std::string_view what, int least, int greatest) {
    const auto value = to_whole(peek());
    if (!value || *value < least || *value > greatest) {
        expect(fmt::format("{} ({} to {})", what, least, greatest), peek());
        return least;
    }
    ++next_;
    return *value;
}

std::optional<double> Words::take_number_or_auto(std::string_view what, double least,
                                                 double greatest) {
    if (take_if("auto")) {
        return std::nullopt;
    }
    return take_number(fmt::format("{} or auto", what), least, greatest);
}

std::chrono::nanoseconds Words::take_duration(std::string_view what) {
    const auto duration = parse_duration(peek());
    if (!duration) {
        expect(fmt::format("{} as 500ms, 12.5s, 2m or 1h", what), peek());
        return {};
    }
    ++next_;
    return *duration;
}

bool Words::take_switch(std::string_view what) {
    const bool on = take_if("on") || take_if("1");
    if (!on && !take_if("off") && !take_if("0")) {
        expect(fmt::format("{}: on or off", what), peek());
    }
    return on;
}

std::optional<bool> Words::take_switch_or_auto(std::string_view what) {
    if (take_if("auto")) {
        return std::nullopt;
    }
    return take_switch(fmt::format("{}, or auto", what));
}

std::size_t Words::take_name(std::string_view what, std::span<const std::string_view> names) {
    const auto name = std::find(names.begin(), names.end(), peek());
    if (name == names.end()) {
        refuse(fmt::format("{}: one of {}", what, fmt::join(names, ", ")));
        return 0;
    }
    ++next_;
    return static_cast<std::size_t>(name - names.begin());
}

std::string Words::take_rest() {
    std::string rest;
    while (!at_end()) {
        rest += (rest.empty() ? "" : " ") + words_[next_++];
    }
    return rest;
}

std::nullptr_t Words::refuse(std::string_view message) {
    fail_with(fmt::format("{}, got '{}'", message, printable(peek())));
    return nullptr;
}

void Words::expect(std::string_view what, std::string_view word) {
    fail_with(word.empty() ? fmt::format("{} is missing", what)
                           : fmt::format("{} expected, got '{}'", what, printable(word)));
}

void Words::fail_with(std::string message) {
    if (!error_) {
        error_ = std::move(message);
    }
    next_ = words_.size();
}

Result<void> Words::finish() const {
    if (error_) {
        return fail(ErrorKind::invalid, *error_);
    }
    if (at_end()) {
        return {};
    }
    return fail(ErrorKind::invalid,
                fmt::format("nothing expected after that, got '{}'", printable(peek())));
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
    constexpr double longest_s = 1e8;
    static constexpr std::array<std::pair<std::string_view, double>, 4> units{
        {{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}}};
    for (const auto& [unit, seconds] : units) {
        const auto value = text.ends_with(unit)
                               ? to_number(text.substr(0, text.size() - unit.size()))
                               : std::nullopt;
        if (value && *value >= 0 && *value * seconds <= longest_s) {
            return std::chrono::duration_cast<std::chrono::nanoseconds>(
                std::chrono::duration<double>(*value * seconds));
        }
    }
    return std::nullopt;
}

}  // namespace pwlog::simulator
