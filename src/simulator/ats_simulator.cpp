// SPDX-License-Identifier: MIT
#include "simulator/ats_simulator.h"

#include <algorithm>
#include <cmath>

namespace pwlog::simulator {
namespace {

constexpr double rated_amperes = 16;
constexpr double power_factor = 0.85;
constexpr std::int64_t return_delay_s = 10;

// Source 1 by itself: one failure in each quarter of an hour, somewhere in its middle part.
constexpr std::int64_t failure_period_s = 900;
constexpr double earliest_s = 120;
constexpr double latest_s = 780;
constexpr double shortest_s = 15;
constexpr double longest_s = 60;

std::uint64_t salted(std::uint64_t seed, std::uint64_t salt) { return seed * 137 + salt; }

bool fails_by_itself(std::uint64_t seed, std::int64_t second) {
    const auto period = second / failure_period_s;
    const auto within = static_cast<double>(second % failure_period_s);
    const double begin = earliest_s + (latest_s - earliest_s) * noise(salted(seed, 50), period);
    const double length = shortest_s + (longest_s - shortest_s) * noise(salted(seed, 51), period);
    return within >= begin && within < begin + length;
}

/// Out of limits, or out and not yet far enough back in. A limit of 0 to come back to is the limit
/// of loss itself.
bool is_outside(double value, const MemoryImage& memory, int first_address, bool was_outside) {
    const int high_loss = memory.word(first_address);
    const int high_back = memory.word(first_address + 1);
    const int low_loss = memory.word(first_address + 2);
    const int low_back = memory.word(first_address + 3);
    const double high = was_outside && high_back != 0 ? high_back : high_loss;
    const double low = was_outside && low_back != 0 ? low_back : low_loss;
    return value > high || value < low;
}

}  // namespace

AtsSimulator::AtsSimulator(std::uint64_t seed, const Moment& start)
    : start_(start), now_(start), seed_(seed), memory_(ats::memory_map(), ats::memory_words) {
    measure(0);
    measure(1);
}

void AtsSimulator::advance(const Moment& now) {
    using std::chrono::seconds;
    const auto last = std::chrono::floor<seconds>(now.steady - start_.steady).count();
    while (second_ < last) {
        ++second_;
        now_.steady = start_.steady + seconds(second_);
        step();
    }
    now_.steady = std::max(now_.steady, now.steady);
    now_.wall = now.wall;
    step();  // what a script just forced shows at once
}

void AtsSimulator::step() {
    measure(0);
    measure(1);
    choose_source();
}

bool AtsSimulator::has_failed(std::size_t index) {
    auto& forced = forcing_.sources[index];
    if (forced.fails_until && *forced.fails_until <= now_.steady) {
        restore_source(index);
    }
    return forced.failed ||
           (index == 0 && forcing_.own_failures && fails_by_itself(seed_, second_));
}

void AtsSimulator::measure(std::size_t index) {
    constexpr double voltage_period_s = 70;
    constexpr double frequency_period_s = 30;
    constexpr int words_per_source = 8;
    constexpr int frequency_words = 4;
    auto& source = sources_[index];
    const auto& forced = forcing_.sources[index];
    const auto time_s = static_cast<double>(second_);
    const auto salt = salted(seed_, index + 1);
    const bool failed = has_failed(index);
    source.voltage =
        failed ? 0 : forced.voltage.value_or(Wander(salt, voltage_period_s, 222, 238).at(time_s));
    source.frequency = failed ? 0
                              : forced.frequency.value_or(
                                    Wander(salt + 1, frequency_period_s, 49.92, 50.08).at(time_s));
    const int first = static_cast<int>(index) * words_per_source;
    const bool was_bad = source.bad();
    source.voltage_bad = is_outside(source.voltage, memory_, first, source.voltage_bad);
    source.frequency_bad =
        is_outside(source.frequency, memory_, first + frequency_words, source.frequency_bad);
    source.wave_bad = failed || forced.bad_wave;
    if (was_bad && !source.bad()) {
        source.good_since = second_;
    }
}

void AtsSimulator::choose_source() {
    const auto good = [&](int number) {
        return !sources_[static_cast<std::size_t>(number - 1)].bad();
    };
    const int preferred = forcing_.preferred;
    const int other = 3 - preferred;
    const bool on_good_other = active_ == other && good(other);
    const auto since = sources_[static_cast<std::size_t>(preferred - 1)].good_since;
    const bool settled = !on_good_other || second_ - since >= return_delay_s;
    if (good(preferred) && settled) {
        active_ = preferred;
    } else if (good(other)) {
        active_ = other;
    } else {
        active_ = 0;
    }
}

double AtsSimulator::load_watts() const {
    if (active_ == 0) {
        return 0;
    }
    const auto time_s = static_cast<double>(second_);
    return forcing_.load_w.value_or(Wander(salted(seed_, 30), 45, 360, 440).at(time_s) +
                                    Wander(salted(seed_, 31), 600, 0, 60).at(time_s));
}

double AtsSimulator::output_amperes() const {
    if (active_ == 0) {
        return 0;
    }
    const double voltage = sources_[static_cast<std::size_t>(active_ - 1)].voltage;
    return voltage > 1 ? load_watts() / power_factor / voltage : 0;
}

double AtsSimulator::load_percent() const {
    return std::floor(output_amperes() / rated_amperes * 100);  // 2.2 of 16 A were shown as 13
}

double AtsSimulator::sync_angle() const {
    const bool both = sources_[0].frequency > 0 && sources_[1].frequency > 0;
    return both ? forcing_.sync_angle.value_or(std::floor(
                      Wander(salted(seed_, 32), 120, 0, 4).at(static_cast<double>(second_))))
                : 0;
}

double AtsSimulator::temperature() const {
    constexpr double degrees_per_watt = 0.004;
    const auto time_s = static_cast<double>(second_);
    return forcing_.temperature.value_or(Wander(salted(seed_, 33), 900, 31, 36).at(time_s) +
                                         load_watts() * degrees_per_watt);
}

void AtsSimulator::fail_source(std::size_t index,
                               std::optional<std::chrono::nanoseconds> duration) {
    auto& source = forcing_.sources.at(index);
    source.failed = true;
    source.fails_until.reset();
    if (duration) {
        source.fails_until =
            now_.steady + std::chrono::duration_cast<SteadyTime::duration>(*duration);
    }
}

void AtsSimulator::restore_source(std::size_t index) {
    auto& source = forcing_.sources.at(index);
    source.failed = false;
    source.fails_until.reset();
}

}  // namespace pwlog::simulator
