// SPDX-License-Identifier: MIT
#include "simulator/pdu_simulator.h"

#include <algorithm>

namespace pwlog::simulator {

using pdu::outlet_count;

//                                          base drift  day burst chance power factor
const std::array<LoadProfile, pdu::outlet_count> pdu_loads{{{"nas", 42, 12, 0, 14, 0.15, 0.62},
                                                            {"switch", 17, 1.5, 0, 0, 0, 0.55},
                                                            {"router", 8, 1, 5, 0, 0, 0.50},
                                                            {"", 0, 0, 0, 0, 0, 1},
                                                            {"server", 84, 20, 15, 40, 0.1, 0.93},
                                                            {"recorder", 13, 3, 0, 0, 0, 0.60},
                                                            {"", 0, 0, 0, 0, 0, 1},
                                                            {"printer", 5, 1, 0, 290, 0.06, 0.95}}};

namespace {

constexpr std::array<int, 2> free_outlets{4, 7};
// Where the captured QEC stood.
constexpr std::array<double, outlet_count + 1> captured_kwh{701.7, 0.0,   100.9, 11.8, 110.6,
                                                            198.8, 103.9, 46.2,  19.8};
constexpr double own_watts = 4;  // the PDU's own electronics
constexpr double own_power_factor = 0.5;
constexpr double joules_per_kwh = 3.6e6;
constexpr int default_config = 7;  // on at power on, no disconnection by overload, button enabled

std::uint64_t salted(std::uint64_t seed, std::uint64_t salt) { return seed * 131 + salt; }

Meter meter(double watts, double power_factor, double voltage) {
    const double volt_amperes = watts / power_factor;
    return {watts, volt_amperes, voltage > 1 ? volt_amperes / voltage : 0};
}

}  // namespace

PduSimulator::PduSimulator(std::uint64_t seed, const Moment& start)
    : start_(start),
      now_(start),
      seed_(seed),
      energy_kwh_(captured_kwh),
      memory_(pdu::memory_map(), pdu::memory_words) {
    for (std::size_t i = 0; i < outlet_count; ++i) {
        loads_.emplace_back(pdu_loads[i], salted(seed, i + 1));
        memory_.set_high_byte(static_cast<int>(i) + 1, default_config);
    }
    for (const int number : free_outlets) {
        outlet(number).turn(false);
    }
    meters_ = measure(second_);
}

void PduSimulator::advance(const Moment& now) {
    using std::chrono::seconds;
    now_.wall = now.wall;
    const auto last = std::chrono::floor<seconds>(now.steady - start_.steady).count();
    while (second_ < last) {
        ++second_;
        now_.steady = start_.steady + seconds(second_);
        for (auto& each : outlets_) {
            each.advance(now_.steady);
        }
        meters_ = measure(second_);
        cut_off_above_limit();
        watch_overloads(now_.steady);
        count_energy();
    }
    now_.steady = std::max(now_.steady, now.steady);
    for (auto& each : outlets_) {
        each.advance(now_.steady);
    }
    meters_ = measure(second_);
    watch_overloads(now_.steady);
    if (past_digits_.empty() || past_digits_.back().second != outlet_digits()) {
        past_digits_.emplace_back(now_.steady, outlet_digits());
    }
    while (past_digits_.size() > 1 && past_digits_[1].first <= now_.steady - lag_) {
        past_digits_.pop_front();
    }
}

/// The true figures of one second, with the switches as they are.
PduMeters PduSimulator::measure(std::int64_t second) const {
    constexpr double slow_s = 90;
    const auto time_s = static_cast<double>(second);
    const auto wall = start_.wall + std::chrono::seconds(second);
    PduMeters figures;
    figures.voltage =
        forcing_.voltage.value_or(Wander(salted(seed_, 20), slow_s, 222, 238).at(time_s));
    figures.frequency =
        forcing_.frequency.value_or(Wander(salted(seed_, 21), 30, 49.92, 50.08).at(time_s));
    figures.input = meter(own_watts, own_power_factor, figures.voltage);
    for (std::size_t i = 0; i < outlet_count; ++i) {
        const auto& forced = forcing_.outlets[i];
        if (!outlets_[i].is_powered() || figures.voltage < 1) {
            continue;
        }
        figures.outlets[i] =
            meter(forced.load_w.value_or(loads_[i].watts(time_s, wall)),
                  forced.power_factor.value_or(loads_[i].power_factor()), figures.voltage);
        figures.input.watts += figures.outlets[i].watts;
        figures.input.volt_amperes += figures.outlets[i].volt_amperes;
        figures.input.amperes += figures.outlets[i].amperes;
    }
    constexpr double degrees_per_watt = 0.006;
    figures.temperature = forcing_.temperature.value_or(
        Wander(salted(seed_, 22), 600, 32, 37).at(time_s) + figures.input.watts * degrees_per_watt);
    return figures;
}

void PduSimulator::count_energy() {
    energy_kwh_[0] += meters_.input.watts * forcing_.counter / joules_per_kwh;
    for (std::size_t i = 0; i < outlet_count; ++i) {
        energy_kwh_[i + 1] +=
            meters_.outlets[i].watts * forcing_.outlets[i].counter / joules_per_kwh;
    }
}

void PduSimulator::watch_overloads(SteadyTime now) {
    constexpr double ampere_step = 0.1;
    constexpr int never_disconnect = 2;  // bit 1 of the configuration
    for (std::size_t i = 0; i < outlet_count; ++i) {
        const int address = static_cast<int>(i) + 1;
        const double limit = memory_.low_byte(address) * ampere_step;
        const double shown = meters_.outlets[i].amperes * forcing_.outlets[i].meter;
        const bool disconnects = (memory_.high_byte(address) & never_disconnect) == 0;
        outlets_[i].set_overload(shown > limit, disconnects, now);
    }
}

/// Word 11: above this voltage the PDU protects what hangs on it; the button turns it on again.
void PduSimulator::cut_off_above_limit() {
    constexpr int address = 11;
    constexpr int disabled = 0xFFFF;
    if (memory_.word(address) == disabled || meters_.voltage <= memory_.word(address)) {
        return;
    }
    for (auto& each : outlets_) {
        each.turn(false);
    }
    meters_ = measure(second_);
}

void PduSimulator::set_energy(int meter, double kwh) {
    energy_kwh_.at(static_cast<std::size_t>(meter)) = kwh;
}

void PduSimulator::clear_energy() { energy_kwh_.fill(0); }

}  // namespace pwlog::simulator
