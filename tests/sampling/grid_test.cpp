// SPDX-License-Identifier: MIT
#include "sampling/grid.h"

#include <catch2/catch.hpp>

#include "support/hand_clock.h"

using namespace pwlog;
using pwlog::test::HandClock;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// 3.25 s past a whole ten of the wall clock.
HandClock past_a_ten() {
    return {WallTime(seconds(1'800'000'003) + milliseconds(250)), SteadyTime(seconds(500))};
}

SteadyTime at(std::chrono::nanoseconds steady) { return SteadyTime(steady); }

}  // namespace

TEST_CASE("ticks stand on whole multiples of the interval of the wall clock", "[agent]") {
    auto clock = past_a_ten();
    Grid grid(seconds(10), clock);
    CHECK(grid.next() == at(seconds(500) + milliseconds(6750)));  // 3.25 s past a ten
    clock.wind(milliseconds(6750 + 1200));
    CHECK(grid.next() == at(seconds(500) + milliseconds(16750)));
    CHECK(grid.late() == 0);
}

TEST_CASE("a tick missed is skipped and counted, never made up for", "[agent]") {
    auto clock = past_a_ten();
    Grid grid(seconds(10), clock);
    (void)grid.next();
    clock.wind(milliseconds(6750) + seconds(34));  // the cycle took 34 s
    CHECK(grid.next() == at(seconds(500) + milliseconds(46750)));
    CHECK(grid.late() == 3);
}

TEST_CASE("a tick that a cycle reached past by a little is served late, and once", "[agent]") {
    auto clock = past_a_ten();
    Grid grid(seconds(10), clock);
    (void)grid.next();
    clock.wind(milliseconds(6750) + seconds(12));  // the cycle took 12 s
    CHECK(grid.next() == at(seconds(500) + milliseconds(16750)));
    clock.wind(milliseconds(200));
    CHECK(grid.next() == at(seconds(500) + milliseconds(26750)));
    CHECK(grid.late() == 0);
}

TEST_CASE("a reading of a time behind the next tick stands for that one, and one was missed",
          "[agent]") {
    auto clock = past_a_ten();
    Grid grid(seconds(10), clock);
    const auto tick = grid.next();
    clock.wind(milliseconds(6750) + seconds(12));
    grid.read_at(tick + seconds(9));
    CHECK(grid.late() == 0);
    grid.read_at(clock.steady_now());
    CHECK(grid.late() == 1);
    CHECK(grid.next() == tick + seconds(20));
    CHECK(grid.late() == 1);
}

TEST_CASE("a wall clock that steps moves the grid once and loses no tick", "[agent]") {
    auto clock = past_a_ten();
    Grid grid(seconds(10), clock);
    (void)grid.next();
    clock.wind(milliseconds(6750 + 100));
    SECTION("an hour forward") { clock.set_by(std::chrono::hours(1)); }
    SECTION("an hour back") { clock.set_by(-std::chrono::hours(1)); }
    SECTION("to 1970") { clock.set(WallTime(seconds(10) + milliseconds(100))); }
    CHECK(grid.next() == at(seconds(500) + milliseconds(16750)));
    CHECK(grid.late() == 0);
}

TEST_CASE("a step of a fraction of the interval never puts two ticks close together", "[agent]") {
    auto clock = past_a_ten();
    Grid grid(seconds(10), clock);
    const auto first = grid.next();
    clock.wind(milliseconds(6750 + 100));
    clock.set_by(seconds(8));  // the next multiple is 1.9 s away
    const auto second = grid.next();
    CHECK(second - first >= seconds(5));
    CHECK(second - first <= seconds(15));
    CHECK(grid.late() == 0);
}

TEST_CASE("a tick before which a sample was asked for is still to come", "[agent]") {
    auto clock = past_a_ten();
    Grid grid(seconds(60), clock);
    const SteadyTime tick = grid.next();
    clock.wind(seconds(20));
    grid.give_back();
    CHECK(grid.next() == tick);
    clock.wind(seconds(20));
    grid.give_back();
    CHECK(grid.next() == tick);
    clock.wind(tick - clock.steady_now());
    CHECK(grid.next() == tick + seconds(60));
    CHECK(grid.late() == 0);
}

TEST_CASE("a sample that was asked for and takes past the tick delays it, or costs it counted",
          "[agent]") {
    auto clock = past_a_ten();
    Grid grid(seconds(60), clock);
    const SteadyTime tick = grid.next();
    clock.wind(tick + seconds(10) - clock.steady_now());
    grid.give_back();
    CHECK(grid.next() == tick);
    CHECK(grid.late() == 0);
    clock.wind(seconds(90));  // 40 s past the tick after it
    grid.give_back();
    CHECK(grid.next() == tick + seconds(120));
    CHECK(grid.late() == 2);
}
