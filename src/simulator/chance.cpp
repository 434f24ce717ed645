// SPDX-License-Identifier: MIT
#include "simulator/chance.h"

#include <cmath>

namespace pwlog::simulator {
namespace {

constexpr double steps = 9007199254740992.0;  // 2^53: as many as a double tells apart in [0, 1)
constexpr int spare_bits = 64 - 53;

/// splitmix64 (Steele, Lea, Flood 2014): one pass spreads neighbouring numbers all over.
std::uint64_t spread(std::uint64_t number) {
    number += 0x9E3779B97F4A7C15U;
    number = (number ^ (number >> 30U)) * 0xBF58476D1CE4E5B9U;
    number = (number ^ (number >> 27U)) * 0x94D049BB133111EBU;
    return number ^ (number >> 31U);
}

}  // namespace

double noise(std::uint64_t seed, std::int64_t slot) {
    const auto bits = spread(spread(seed) ^ static_cast<std::uint64_t>(slot));
    return static_cast<double>(bits >> spare_bits) / steps;
}

double Wander::at(double time_s) const {
    const double position = time_s / period_s_;
    const double slot = std::floor(position);
    const double x = position - slot;
    const double smooth = x * x * (3 - 2 * x);  // flat at both ends, so no kinks
    const double from = noise(seed_, static_cast<std::int64_t>(slot));
    const double to = noise(seed_, static_cast<std::int64_t>(slot) + 1);
    return low_ + (high_ - low_) * (from + (to - from) * smooth);
}

bool Dice::chance(double probability) {
    return static_cast<double>(engine_() >> spare_bits) / steps < probability;
}

}  // namespace pwlog::simulator
