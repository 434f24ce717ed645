// SPDX-License-Identifier: MIT
#include "events/meter_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/parse_number.h"
#include "events/state_text.h"
#include "protocol/fields.h"

namespace pwlog {
namespace {

constexpr auto patience = std::chrono::minutes(10);
constexpr auto longest_gap = std::chrono::minutes(5);

// The PDU feeds itself, and small loads may be below what an outlet's meter sees (captured: 246 W
// in, 227 W out). So the input may well be above the sum of its outlets, but hardly below.
constexpr double share_above = 0.12;
constexpr double watts_above = 30;
constexpr double share_below = 0.05;
constexpr double watts_below = 10;
// Both are rounded to whole numbers.
constexpr int va_rounding = 2;
// The counter shows steps of 100 Wh, and no meter of this class promises better than a few percent.
constexpr double energy_share = 0.10;
constexpr double energy_step_wh = 100;
// Long enough to tell a tenth from a step, short enough to notice within days that all is well
// again.
constexpr double window_wh = 3000;

template <class Unit>
const std::optional<Unit>& at(const pdu::PerOutlet<Unit>& values, std::size_t channel) {
    return channel == 0 ? values.input : values.outlets.at(channel - 1);
}

struct Sum {
    double input;
    double outlets;
    bool fits() const {
        const double most = outlets + std::max(watts_above, share_above * input);
        const double least = outlets - std::max(watts_below, share_below * outlets);
        return input >= least && input <= most;
    }
};

/// None where a figure is missing.
std::optional<Sum> sum_of(const pdu::ActivePower& power) {
    if (!power.input) {
        return std::nullopt;
    }
    Sum sum{static_cast<double>(power.input->value()), 0};
    for (const auto& outlet : power.outlets) {
        if (!outlet) {
            return std::nullopt;
        }
        sum.outlets += outlet->value();
    }
    return sum;
}

}  // namespace

std::string_view to_keyword(MeterCheck::Kind kind) {
    switch (kind) {
        case MeterCheck::Kind::outlets_sum:
            return "outlets_sum";
        case MeterCheck::Kind::va_below_w:
            return "va_below_w";
        case MeterCheck::Kind::energy_against_power:
            break;
    }
    return "energy_against_power";
}

std::vector<MeterCheck::Finding> MeterCheck::update(const PduReading& reading, Timestamp now) {
    if (last_ && (now - *last_ > longest_gap || now <= *last_)) {
        forget();
    }
    const double hours =
        last_ ? std::chrono::duration<double, std::ratio<3600>>(now - *last_).count() : 0;
    last_ = now;
    std::vector<Finding> findings;
    if (const auto sum = sum_of(reading.active_power)) {
        judge(Kind::outlets_sum, 0, {!sum->fits(), sum->input, sum->outlets}, findings);
    }
    for (std::size_t channel = 0; channel < channels; ++channel) {
        const auto& watts = at(reading.active_power, channel);
        const auto& volt_amperes = at(reading.apparent_power, channel);
        if (watts && volt_amperes) {
            judge(Kind::va_below_w, channel,
                  {watts->value() > volt_amperes->value() + va_rounding,
                   static_cast<double>(volt_amperes->value()), static_cast<double>(watts->value())},
                  findings);
        }
        if (const auto compared =
                energy_against_power(channel, watts, at(reading.energy, channel), hours)) {
            judge(Kind::energy_against_power, channel, *compared, findings);
        }
    }
    return findings;
}

/// A disagreement is a finding once it has lasted, agreement at once.
void MeterCheck::judge(Kind kind, std::size_t channel, const Comparison& compared,
                       std::vector<Finding>& findings) {
    auto& since = outside_since_.at(static_cast<std::size_t>(kind)).at(channel);
    if (!compared.outside) {
        since.reset();
    } else if (!since) {
        since = last_;
    }
    if (!since || *last_ - *since >= patience) {
        findings.push_back({kind, channel, compared.outside, compared.measured, compared.expected});
    }
}

/// A verdict as soon as the two are further apart than a step and a tenth, else at the window's
/// end: so a wrong meter shows after some hours, and the drift of a good one never does.
std::optional<MeterCheck::Comparison> MeterCheck::energy_against_power(
    std::size_t channel, const std::optional<Watts>& power,
    const std::optional<KilowattHours>& counter, double hours) {
    auto& window = windows_.at(channel);
    if (!power || !counter) {
        window.reset();
        return std::nullopt;
    }
    const double watts = power->value();
    const double counter_wh = counter->value() * 1000;
    const Window fresh{watts, counter_wh, counter_wh, 0, 0};
    if (!window || counter_wh < window->last_counter_wh) {
        window = fresh;
        return std::nullopt;
    }
    window->power_wh += (window->last_w + watts) / 2 * hours;
    window->unsure_wh += std::abs(window->last_w - watts) / 2 * hours;
    window->last_w = watts;
    window->last_counter_wh = counter_wh;
    const double counted = counter_wh - window->first_counter_wh;
    const double most = std::max(counted, window->power_wh);
    const double tolerance = energy_step_wh + energy_share * most + window->unsure_wh;
    const Comparison compared{std::abs(counted - window->power_wh) > tolerance, counted,
                              window->power_wh};
    const bool is_over = most >= window_wh;
    if (is_over) {
        window = fresh;
    }
    return compared.outside || is_over ? std::optional(compared) : std::nullopt;
}

std::string MeterCheck::save() const {
    std::string text = last_ ? fmt::format("{}", last_->time_since_epoch().count()) : "-";
    for (const auto& kind : outside_since_) {
        for (const auto& since : kind) {
            text += since ? fmt::format(" {}", since->time_since_epoch().count()) : " -";
        }
    }
    for (const auto& window : windows_) {
        text += window ? fmt::format(" {} {} {} {} {}", window->last_w, window->first_counter_wh,
                                     window->last_counter_wh, window->power_wh, window->unsure_wh)
                       : " - - - - -";
    }
    return text;
}

void MeterCheck::restore(std::string_view text) {
    constexpr std::size_t figures = 5;
    const auto fields = split_fields(text);
    if (fields.size() != 1 + 3 * channels + figures * channels) {
        return;
    }
    auto field = fields.begin();
    const auto next_time = [&]() -> std::optional<Timestamp> { return parse_time(*field++); };
    last_ = next_time();
    for (auto& kind : outside_since_) {
        for (auto& since : kind) {
            since = next_time();
        }
    }
    for (auto& window : windows_) {
        std::array<double, figures> read{};
        bool is_whole = true;
        for (auto& figure : read) {
            const auto number = parse_number<double>(*field++);
            is_whole = is_whole && number;
            figure = number.value_or(0);
        }
        window = is_whole ? std::optional(Window{read[0], read[1], read[2], read[3], read[4]})
                          : std::nullopt;
    }
}

/// What was true before a gap says nothing about what lasted through it.
void MeterCheck::forget() {
    outside_since_ = {};
    windows_ = {};
}

}  // namespace pwlog
