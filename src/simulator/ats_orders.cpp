// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "base/printable.h"
#include "simulator/model_orders.h"
#include "simulator/number_setting.h"

namespace pwlog::simulator {
namespace {

constexpr int most_word = 999999;

tl::unexpected<Error> unknown(std::string_view what, std::string_view word) {
    return fail(ErrorKind::invalid, fmt::format("{}, got '{}'", what, printable(word)));
}

template <class T, class Apply>
Result<AtsOrder> order(const Result<T>& value, Apply apply) {
    if (!value) {
        return pass_on(value);
    }
    return AtsOrder([value = *value, apply](AtsSimulator& ats) { apply(ats, value); });
}

/// `source1` or `source2`: 0 or 1.
std::optional<std::size_t> take_source(Words& words) {
    if (words.take_if("source1")) {
        return 0;
    }
    return words.take_if("source2") ? std::optional<std::size_t>(1) : std::nullopt;
}

using Setting = NumberSetting<AtsSimulator>;
using Value = std::optional<double>;

constexpr std::array<Setting, 2> source_settings{{
    {"voltage", "volts", 0, 999.9, true,
     [](AtsSimulator& ats, std::size_t i, Value value) {
         ats.forcing().sources.at(i).voltage = value;
     }},
    {"frequency", "hertz", 0, 99.9, true,
     [](AtsSimulator& ats, std::size_t i, Value value) {
         ats.forcing().sources.at(i).frequency = value;
     }},
}};

constexpr std::array<Setting, 3> ats_settings{{
    {"load", "watts", 0, 20000, true,
     [](AtsSimulator& ats, std::size_t, Value value) { ats.forcing().load_w = value; }},
    {"temperature", "degrees", -9.9, 99.9, true,
     [](AtsSimulator& ats, std::size_t, Value value) { ats.forcing().temperature = value; }},
    {"angle", "degrees", 0, 180, true,
     [](AtsSimulator& ats, std::size_t, Value value) { ats.forcing().sync_angle = value; }},
}};

Result<AtsOrder> source_setting(Words& words, std::size_t index) {
    if (auto setting = take_setting<AtsSimulator>(source_settings, words, index)) {
        return *setting;
    }
    if (!words.take_if("wave")) {
        return unknown("voltage, frequency or wave expected", words.peek());
    }
    const bool bad = words.take_if("bad");
    if (!bad && !words.take_if("good")) {
        return unknown("wave: good or bad", words.peek());
    }
    return AtsOrder([=](AtsSimulator& ats) { ats.forcing().sources.at(index).bad_wave = bad; });
}

Result<AtsOrder> status_bit(Words& words) {
    const auto& names = ats::status_bit_names;
    const auto name = std::find(names.begin(), names.end(), words.peek());
    if (name == names.end()) {
        return unknown(fmt::format("bit: one of {}", fmt::join(names, ", ")), words.peek());
    }
    words.take_if(*name);
    const auto index = static_cast<std::size_t>(name - names.begin());
    if (words.take_if("auto")) {
        return AtsOrder([=](AtsSimulator& ats) { ats.forcing().bits.at(index).reset(); });
    }
    return order(words.take_switch("the bit, or auto"),
                 [=](AtsSimulator& ats, bool on) { ats.forcing().bits.at(index) = on; });
}

Result<AtsOrder> memory(Words& words) {
    auto address = words.take_whole("the word's address", 0, ats::memory_words - 1);
    if (!address) {
        return pass_on(address);
    }
    return order(
        words.take_whole("the word's value", 0, most_word),
        [address = *address](AtsSimulator& ats, int word) { ats.memory().set(address, word); });
}

}  // namespace

Result<AtsOrder> parse_ats_setting(Words& words) {
    if (const auto source = take_source(words)) {
        return source_setting(words, *source);
    }
    if (auto setting = take_setting<AtsSimulator>(ats_settings, words, 0)) {
        return *setting;
    }
    if (words.take_if("preferred")) {
        return order(words.take_whole("the source", 1, 2),
                     [](AtsSimulator& ats, int source) { ats.forcing().preferred = source; });
    }
    if (words.take_if("failures")) {
        return order(words.take_switch("failures of its own"),
                     [](AtsSimulator& ats, bool on) { ats.forcing().own_failures = on; });
    }
    if (words.take_if("bit")) {
        return status_bit(words);
    }
    if (words.take_if("memory")) {
        return memory(words);
    }
    return unknown(
        "source1, source2, load, temperature, angle, preferred, failures, bit or memory "
        "expected",
        words.peek());
}

Result<AtsOrder> parse_ats_order(Words& words) {
    const auto source = take_source(words);
    if (!source) {
        return unknown("ats: source1 or source2 expected", words.peek());
    }
    if (words.take_if("restore")) {
        return AtsOrder([index = *source](AtsSimulator& ats) { ats.restore_source(index); });
    }
    if (!words.take_if("fail")) {
        return unknown("fail or restore expected", words.peek());
    }
    std::optional<std::chrono::nanoseconds> duration;
    if (!words.at_end()) {
        auto given = words.take_duration("how long");
        if (!given) {
            return pass_on(given);
        }
        duration = *given;
    }
    return AtsOrder([=, index = *source](AtsSimulator& ats) { ats.fail_source(index, duration); });
}

}  // namespace pwlog::simulator
