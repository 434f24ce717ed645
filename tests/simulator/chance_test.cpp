// SPDX-License-Identifier: MIT
#include "simulator/chance.h"

#include <catch2/catch.hpp>
#include <vector>

using pwlog::simulator::Dice;
using pwlog::simulator::Wander;

TEST_CASE("a wandering value stays within its bounds and moves through most of them",
          "[simulator]") {
    const Wander wander(7, 60, 222, 238);
    double lowest = 1000;
    double highest = 0;
    for (int second = 0; second < 24 * 3600; ++second) {
        const double value = wander.at(second);
        REQUIRE(value >= 222);
        REQUIRE(value <= 238);
        lowest = std::min(lowest, value);
        highest = std::max(highest, value);
    }
    CHECK(lowest < 223);
    CHECK(highest > 237);
}

TEST_CASE("a wandering value makes no jumps", "[simulator]") {
    const Wander wander(7, 60, 222, 238);
    for (int second = 0; second < 3600; ++second) {
        REQUIRE(std::abs(wander.at(second + 1) - wander.at(second)) < 0.5);
    }
}

TEST_CASE("a wandering value depends on seed and time alone", "[simulator]") {
    const Wander one(7, 60, 0, 1);
    const Wander same(7, 60, 0, 1);
    const Wander other(8, 60, 0, 1);
    const double early = one.at(10);
    CHECK(one.at(5000) == same.at(5000));
    CHECK(one.at(10) == early);
    CHECK(one.at(5000) != other.at(5000));
}

TEST_CASE("dice strike as often as their chance says and the same way again", "[simulator]") {
    Dice dice(42);
    Dice again(42);
    int struck = 0;
    for (int i = 0; i < 20'000; ++i) {
        const bool strikes = dice.chance(0.05);
        REQUIRE(strikes == again.chance(0.05));
        struck += strikes ? 1 : 0;
    }
    CHECK(struck > 850);
    CHECK(struck < 1150);
    CHECK_FALSE(dice.chance(0));
    CHECK(dice.chance(1));
}
