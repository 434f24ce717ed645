// SPDX-License-Identifier: MIT
#include "simulator/model_orders.h"
#include "simulator/number_setting.h"

namespace pwlog::simulator {
namespace {

constexpr int most_word = 999999;

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

AtsOrder source_setting(Words& words, std::size_t index) {
    if (auto setting = take_setting<AtsSimulator>(source_settings, words, index)) {
        return setting;
    }
    if (!words.take_if("wave")) {
        return words.refuse("voltage, frequency or wave expected");
    }
    const bool bad = words.take_if("bad");
    if (!bad && !words.take_if("good")) {
        return words.refuse("wave: good or bad");
    }
    return [=](AtsSimulator& ats) { ats.forcing().sources.at(index).bad_wave = bad; };
}

AtsOrder memory(Words& words) {
    const int address = words.take_whole("the word's address", 0, ats::memory_words - 1);
    const int word = words.take_whole("the word's value", 0, most_word);
    return [=](AtsSimulator& ats) { ats.memory().set(address, word); };
}

}  // namespace

AtsOrder parse_ats_setting(Words& words) {
    if (const auto source = take_source(words)) {
        return source_setting(words, *source);
    }
    if (auto setting = take_setting<AtsSimulator>(ats_settings, words, 0)) {
        return setting;
    }
    if (words.take_if("preferred")) {
        return [source = words.take_whole("the source", 1, 2)](AtsSimulator& ats) {
            ats.forcing().preferred = source;
        };
    }
    if (words.take_if("failures")) {
        return [on = words.take_switch("failures of its own")](AtsSimulator& ats) {
            ats.forcing().own_failures = on;
        };
    }
    if (words.take_if("bit")) {
        const auto index = words.take_name("bit", ats::status_bit_names);
        return [index, on = words.take_switch_or_auto("the bit")](AtsSimulator& ats) {
            ats.forcing().bits.at(index) = on;
        };
    }
    if (words.take_if("memory")) {
        return memory(words);
    }
    return words.refuse(
        "source1, source2, load, temperature, angle, preferred, failures, bit or memory "
        "expected");
}

AtsOrder parse_ats_order(Words& words) {
    const auto source = take_source(words);
    if (!source) {
        return words.refuse("ats: source1 or source2 expected");
    }
    if (words.take_if("restore")) {
        return [index = *source](AtsSimulator& ats) { ats.restore_source(index); };
    }
    if (!words.take_if("fail")) {
        return words.refuse("fail or restore expected");
    }
    const auto duration =
        words.at_end() ? std::nullopt : std::optional(words.take_duration("how long"));
    return [=, index = *source](AtsSimulator& ats) { ats.fail_source(index, duration); };
}

}  // namespace pwlog::simulator
