// SPDX-License-Identifier: MIT
#include "simulator/words.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/printable.h"

namespace pwlog::simulator {
namespace {

constexpr std::string_view blanks = " \t\r";

std::optional<double> to_number(std::string_view text) {
    double value = 0;
    const auto [end, code] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    const bool whole = code == std::errc{} && end == text.data() + text.size();
    return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<int> to_whole(std::string_view text) {
    constexpr int hexadecimal = 16;
    const bool hex = text.starts_with("0x");
    const auto digits = text.substr(hex ? 2 : 0);
    int value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value,
                                             hex ? hexadecimal : 10);
    const bool complete = code == std::errc{} && end == digits.data() + digits.size();
    return complete ? std::optional(value) : std::nullopt;
}

tl::unexpected<Error> expected(std::string_view what, std::string_view word) {
    return fail(ErrorKind::invalid,
                word.empty() ? fmt::format("{} is missing", what)
                             : fmt::format("{} expected, got '{}'", what, printable(word)));
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

Result<std::string> Words::take(std::string_view what) {
    if (at_end()) {
        return expected(what, "");
    }
    return words_[next_++];
}

Result<double> Words::take_number(std::string_view what, double least, double greatest) {
    const auto value = to_number(peek());
    if (!value || *value < least || *value > greatest) {
        return expected(fmt::format("{} ({} to {})", what, least, greatest), peek());
    }
    ++next_;
    return *value;
}

Result<int> Words::take_whole(std::string_view what, int least, int greatest) {
    const auto value = to_whole(peek());
    if (!value || *value < least || *value > greatest) {
        return expected(fmt::format("{} ({} to {})", what, least, greatest), peek());
    }
    ++next_;
    return *value;
}

Result<std::optional<double>> Words::take_number_or_auto(std::string_view what, double least,
                                                         double greatest) {
    if (take_if("auto")) {
        return std::optional<double>{};
    }
    auto value = take_number(fmt::format("{} or auto", what), least, greatest);
    if (!value) {
        return pass_on(value);
    }
    return std::optional(*value);
}

Result<std::chrono::nanoseconds> Words::take_duration(std::string_view what) {
    auto duration = parse_duration(peek());
    if (!duration) {
        return expected(fmt::format("{} as 500ms, 12.5s, 2m or 1h", what), peek());
    }
    ++next_;
    return duration;
}

Result<bool> Words::take_switch(std::string_view what) {
    if (take_if("on") || take_if("1")) {
        return true;
    }
    if (take_if("off") || take_if("0")) {
        return false;
    }
    return expected(fmt::format("{}: on or off", what), peek());
}

std::string Words::take_rest() {
    std::string rest;
    while (!at_end()) {
        rest += (rest.empty() ? "" : " ") + words_[next_++];
    }
    return rest;
}

Result<void> Words::finish() const {
    if (at_end()) {
        return {};
    }
    return fail(ErrorKind::invalid,
                fmt::format("nothing expected after that, got '{}'", printable(peek())));
}

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
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
    return expected("a duration as 500ms, 12.5s, 2m or 1h", text);
}

}  // namespace pwlog::simulator
