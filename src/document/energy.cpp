// SPDX-License-Identifier: MIT
#include "document/energy.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/json_object.h"
#include "base/parse_number.h"
#include "protocol/fields.h"

namespace pwlog {
namespace {

constexpr double step_wh = 100;  // the counter shows tenths of a kWh
constexpr int decimals = 4;      // 0.1 mWh: far below what the meter sees

template <class Number>
std::string saved(const std::optional<Number>& number) {
    return number ? fmt::format("{}", *number) : "-";
}

}  // namespace

bool was_cleared(KilowattHours before, KilowattHours now) {
    constexpr double rounding = 1e-6;
    const double fall = before.value() - now.value();
    const bool is_one_step = fall * 1000 < step_wh + rounding * 1000;
    return fall > rounding && !(is_one_step && now.value() > rounding);
}

/// Both clocks are slewed alike, and read one after the other: what parts them by more than a busy
/// machine does was a step, of a second or of a year.
std::chrono::milliseconds EnergyMeter::Point::since(const Point& before) const {
    const auto by_time = time - before.time;
    if (!uptime || !before.uptime) {
        return by_time;
    }
    const auto by_uptime = *uptime - *before.uptime;
    const auto apart = std::chrono::milliseconds(100) + by_uptime / 1000;
    const bool was_set =
        by_time <= std::chrono::milliseconds(0) || std::chrono::abs(by_time - by_uptime) > apart;
    return was_set ? by_uptime : by_time;
}

std::optional<IntervalEnergy> EnergyMeter::advance(
    Timestamp time, std::optional<Watts> power, std::optional<KilowattHours> counter,
    std::chrono::milliseconds longest_gap, std::optional<std::chrono::milliseconds> uptime) {
    constexpr auto nothing = std::chrono::milliseconds(0);
    constexpr auto waited_for = std::chrono::hours(24);
    const Point now{time, value_of(power),
                    counter ? std::optional(counter->value() * 1000) : std::nullopt, uptime};
    const auto elapsed = last_ ? now.since(*last_) : nothing;
    const bool lacks = elapsed > nothing && elapsed < waited_for &&
                       ((last_->power_w && !power) || (last_->counter_wh && !counter));
    if (lacks || (!power && !counter)) {
        return std::nullopt;
    }
    const auto last = std::exchange(last_, now);
    if (!last) {
        anchor();
        return std::nullopt;
    }
    if (elapsed <= nothing) {
        return over_wrong_clock(*last, now);
    }
    const Timestamp since = time - elapsed;
    const bool is_gap = elapsed > longest_gap;
    const double hours = std::chrono::duration<double, std::ratio<3600>>(elapsed).count();
    const auto trapezium = last->power_w && now.power_w && !is_gap
                               ? std::optional((*last->power_w + *now.power_w) / 2.0 * hours)
                               : std::nullopt;
    return last->counter_wh && now.counter_wh ? by_counter(since, *last, now, trapezium, is_gap)
                                              : by_power(since, trapezium);
}

std::optional<IntervalEnergy> EnergyMeter::by_counter(Timestamp since, const Point& last,
                                                      const Point& now,
                                                      std::optional<double> trapezium,
                                                      bool is_gap) {
    const double moved = *now.counter_wh - *last.counter_wh;
    // Cleared: the counter says nothing about this interval.
    if (is_gap ? moved < 0 : was_cleared(last.counter(), now.counter())) {
        anchor();
        return trapezium
                   ? std::optional(IntervalEnergy{rounded(*trapezium, decimals), false, since})
                   : std::nullopt;
    }
    if (!trapezium) {
        if (moved < 0) {
            last_->counter_wh = last.counter_wh;  // a damaged step is no energy, and none later
        }
        return IntervalEnergy{rounded(std::max(moved, 0.0), decimals), true, since, is_gap};
    }
    lead_wh_ -= moved;
    if (moved < 0) {  // the step before was damage: the window that it opened is none
        least_lead_ = greatest_lead_ = lead_wh_;
    }
    return IntervalEnergy{from_trapezium(*trapezium), false, since};
}

/// A clock that was wrong before a restart, or is after it: how long it was nobody knows, but the
/// counter went on.
std::optional<IntervalEnergy> EnergyMeter::over_wrong_clock(const Point& last, const Point& now) {
    const bool moved = last.counter_wh && now.counter_wh && *now.counter_wh > *last.counter_wh;
    if (!moved) {
        anchor();
        return std::nullopt;
    }
    const double watt_hours = rounded(*now.counter_wh - *last.counter_wh, decimals);
    return IntervalEnergy{watt_hours, true, now.time, true};
}

std::optional<IntervalEnergy> EnergyMeter::by_power(Timestamp since,
                                                    std::optional<double> trapezium) {
    const double wanted = trapezium.value_or(0) + owed_wh_;
    const double taken = rounded(wanted, decimals);
    anchor();
    if (!trapezium) {
        return std::nullopt;
    }
    owed_wh_ = wanted - taken;
    return IntervalEnergy{taken, false, since};
}

double EnergyMeter::from_trapezium(double watt_hours) {
    const double lowest = std::max(0.0, greatest_lead_ - step_wh - lead_wh_);
    const double highest = std::max(lowest, least_lead_ + step_wh - lead_wh_);
    const double wanted = watt_hours + owed_wh_;
    const double allowed = std::clamp(wanted, lowest, highest);
    const double taken = rounded(allowed, decimals);
    owed_wh_ = allowed == wanted ? wanted - taken : 0;
    lead_wh_ += taken;
    least_lead_ = std::min(least_lead_, lead_wh_);
    greatest_lead_ = std::max(greatest_lead_, lead_wh_);
    return taken;
}

void EnergyMeter::anchor() { lead_wh_ = least_lead_ = greatest_lead_ = owed_wh_ = 0; }

std::string EnergyMeter::save() const {
    if (!last_) {
        return "-";
    }
    return fmt::format("{} {} {} {} {} {} {}", last_->time.time_since_epoch().count(),
                       saved(last_->power_w), saved(last_->counter_wh), lead_wh_, least_lead_,
                       greatest_lead_, owed_wh_);
}

Result<EnergyMeter> EnergyMeter::restore(std::string_view text) {
    EnergyMeter meter;
    if (text == "-") {
        return meter;
    }
    const auto fields = split_fields(text);
    constexpr std::size_t field_count = 7;
    if (fields.size() == field_count) {
        const auto time = parse_number<std::int64_t>(fields[0]);
        const auto power = parse_number<int>(fields[1]);
        const auto counter = parse_number<double>(fields[2]);
        const bool is_point = (power || fields[1] == "-") && (counter || fields[2] == "-");
        const auto lead = parse_number<double>(fields[3]);
        const auto least = parse_number<double>(fields[4]);
        const auto greatest = parse_number<double>(fields[5]);
        const auto owed = parse_number<double>(fields[6]);
        if (time && is_point && lead && least && greatest && owed) {
            meter.last_ = Point{Timestamp(std::chrono::milliseconds(*time)), power, counter};
            meter.lead_wh_ = *lead;
            meter.least_lead_ = *least;
            meter.greatest_lead_ = *greatest;
            meter.owed_wh_ = *owed;
            return meter;
        }
    }
    return fail(ErrorKind::corrupt, fmt::format("saved energy state '{}' cannot be read", text));
}

PduEnergyMeter::Intervals PduEnergyMeter::advance(std::span<const Sample> samples,
                                                  std::chrono::milliseconds longest_gap,
                                                  std::optional<std::chrono::milliseconds> uptime) {
    Intervals intervals;
    for (const auto& sample : samples) {
        const auto power =
            sample.values.number(either(sample, Field::pdu_power_w, Field::outlet_power_w));
        const auto counter =
            sample.values.number(either(sample, Field::pdu_energy_kwh, Field::outlet_energy_kwh));
        const auto channel = static_cast<std::size_t>(sample.outlet);
        auto& interval = channel == 0 ? intervals.input : intervals.outlets.at(channel - 1);
        interval = channels_.at(channel).advance(sample.time, as<Watts>(power),
                                                 as<KilowattHours>(counter), longest_gap, uptime);
    }
    return intervals;
}

std::string PduEnergyMeter::save() const {
    std::vector<std::string> channels;
    channels.reserve(channels_.size());
    for (const auto& channel : channels_) {
        channels.push_back(channel.save());
    }
    return fmt::format("{}", fmt::join(channels, ";"));
}

Result<PduEnergyMeter> PduEnergyMeter::restore(std::string_view text) {
    PduEnergyMeter meter;
    for (auto& channel : meter.channels_) {
        const auto end = std::min(text.find(';'), text.size());
        auto restored = EnergyMeter::restore(text.substr(0, end));
        if (!restored) {
            return pass_on(restored);
        }
        channel = *restored;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return meter;
}

}  // namespace pwlog
