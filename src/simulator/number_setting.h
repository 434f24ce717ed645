// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "simulator/words.h"

namespace pwlog::simulator {

/// A setting of a model that is one number: `WORD VALUE`, or `WORD auto` where chance takes over.
template <class Model>
struct NumberSetting {
    std::string_view word;
    std::string_view what;
    double least;
    double greatest;
    bool can_be_auto;
    /// `index`: of the outlet or source; `value` is none for auto.
    void (*set)(Model& model, std::size_t index, std::optional<double> value);
};

/// Takes the setting that the next word names; none where the table has no such word.
template <class Model>
std::function<void(Model&)> take_setting(std::span<const NumberSetting<Model>> table, Words& words,
                                         std::size_t index) {
    for (const auto& [word, what, least, greatest, can_be_auto, set] : table) {
        if (words.take_if(word)) {
            const auto value = can_be_auto ? words.take_number_or_auto(what, least, greatest)
                                           : words.take_number(what, least, greatest);
            return [set = set, index, value](Model& model) { set(model, index, value); };
        }
    }
    return nullptr;
}

}  // namespace pwlog::simulator
