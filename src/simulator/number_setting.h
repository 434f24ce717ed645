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
std::optional<Result<std::function<void(Model&)>>> take_setting(
    std::span<const NumberSetting<Model>> table, Words& words, std::size_t index) {
    using Order = std::function<void(Model&)>;
    for (const auto& setting : table) {
        if (!words.take_if(setting.word)) {
            continue;
        }
        Result<std::optional<double>> value = std::optional<double>{};
        if (setting.can_be_auto) {
            value = words.take_number_or_auto(setting.what, setting.least, setting.greatest);
        } else if (auto number = words.take_number(setting.what, setting.least, setting.greatest)) {
            value = std::optional<double>(*number);
        } else {
            value = pass_on(number);
        }
        if (!value) {
            return Result<Order>(pass_on(value));
        }
        return Result<Order>(
            [set = setting.set, index, value = *value](Model& model) { set(model, index, value); });
    }
    return std::nullopt;
}

}  // namespace pwlog::simulator
