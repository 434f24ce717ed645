// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace pwlog::simulator {

/// A number in [0, 1) that is always the same for the same seed and slot, without any state.
double noise(std::uint64_t seed, std::int64_t slot);

/// A value that drifts smoothly between two bounds. It depends on the seed and the time alone, so
/// how often it is looked at changes nothing.
class Wander {
  public:
    /// `period_s`: how long it takes to get from one random level to the next.
    Wander(std::uint64_t seed, double period_s, double low, double high)
        : seed_(seed), period_s_(period_s), low_(low), high_(high) {}

    double at(double time_s) const;

  private:
    std::uint64_t seed_;
    double period_s_;
    double low_;
    double high_;
};

/// Seeded randomness with a state, for faults: the same seed and the same questions give the same
/// faults.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}

    /// True with the probability given, 0 to 1.
    bool chance(double probability);
    /// 0 to `limit` - 1; `limit` is not 0.
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(engine_() % limit); }
    char byte() { return static_cast<char>(below(256)); }

  private:
    std::mt19937_64 engine_;
};

}  // namespace pwlog::simulator
