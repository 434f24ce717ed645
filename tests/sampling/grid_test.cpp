#include "sampling/grid.h"

#include <catch2/catch.hpp>

using namespace pwlog;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// A clock wound by hand.
class HandClock final : public Clock {
  public:
    WallTime wall_now() const override { return WallTime(wall); }
    SteadyTime steady_now() const override { return SteadyTime(steady); }
    bool wait_until(SteadyTime, const std::stop_token&) const override { return true; }
    bool synchronised() const override { return true; }

    void pass(std::chrono::nanoseconds time) {
        wall += time;
        steady += time;
    }

    std::chrono::nanoseconds wall = seconds(1'800'000'003) + milliseconds(250);
    std::chrono::nanoseconds steady = seconds(500);
};

SteadyTime at(std::chrono::nanoseconds steady) { return SteadyTime(steady); }

}  // namespace

TEST_CASE("ticks stand on whole multiples of the interval of the wall clock", "[agent]") {
    HandClock clock;
    Grid grid(seconds(10), clock);
    CHECK(grid.next() == at(seconds(500) + milliseconds(6750)));  // 3.25 s past a ten
    clock.pass(milliseconds(6750 + 1200));
    CHECK(grid.next() == at(seconds(500) + milliseconds(16750)));
    CHECK(grid.late() == 0);
}

TEST_CASE("a tick missed is skipped and counted, never made up for", "[agent]") {
    HandClock clock;
    Grid grid(seconds(10), clock);
    (void)grid.next();
    clock.pass(milliseconds(6750) + seconds(34));  // the cycle took 34 s
    CHECK(grid.next() == at(seconds(500) + milliseconds(46750)));
    CHECK(grid.late() == 3);
}

TEST_CASE("a tick that a cycle reached past by a little is served late, and once", "[agent]") {
    HandClock clock;
    Grid grid(seconds(10), clock);
    (void)grid.next();
    clock.pass(milliseconds(6750) + seconds(12));  // the cycle took 12 s
    CHECK(grid.next() == at(seconds(500) + milliseconds(16750)));
    clock.pass(milliseconds(200));
    CHECK(grid.next() == at(seconds(500) + milliseconds(26750)));
    CHECK(grid.late() == 0);
}

TEST_CASE("a wall clock that steps moves the grid once and loses no tick", "[agent]") {
    HandClock clock;
    Grid grid(seconds(10), clock);
    (void)grid.next();
    clock.pass(milliseconds(6750 + 100));
    SECTION("an hour forward") { clock.wall += std::chrono::hours(1); }
    SECTION("an hour back") { clock.wall -= std::chrono::hours(1); }
    SECTION("to 1970") { clock.wall = seconds(10) + milliseconds(100); }
    CHECK(grid.next() == at(seconds(500) + milliseconds(16750)));
    CHECK(grid.late() == 0);
}

TEST_CASE("a step of a fraction of the interval never puts two ticks close together", "[agent]") {
    HandClock clock;
    Grid grid(seconds(10), clock);
    const auto first = grid.next();
    clock.pass(milliseconds(6750 + 100));
    clock.wall += seconds(8);  // the next multiple is 1.9 s away
    const auto second = grid.next();
    CHECK(second - first >= seconds(5));
    CHECK(second - first <= seconds(15));
    CHECK(grid.late() == 0);
}

TEST_CASE("a tick before which a sample was asked for is still to come", "[agent]") {
    HandClock clock;
    Grid grid(seconds(60), clock);
    const SteadyTime tick = grid.next();
    clock.pass(seconds(20));
    grid.give_back();
    CHECK(grid.next() == tick);
    clock.pass(seconds(20));
    grid.give_back();
    CHECK(grid.next() == tick);
    clock.pass(tick - clock.steady_now());
    CHECK(grid.next() == tick + seconds(60));
    CHECK(grid.late() == 0);
}

TEST_CASE("a sample that was asked for and takes past the tick delays it, or costs it counted",
          "[agent]") {
    HandClock clock;
    Grid grid(seconds(60), clock);
    const SteadyTime tick = grid.next();
    clock.pass(tick + seconds(10) - clock.steady_now());
    grid.give_back();
    CHECK(grid.next() == tick);
    CHECK(grid.late() == 0);
    clock.pass(seconds(90));  // 40 s past the tick after it
    grid.give_back();
    CHECK(grid.next() == tick + seconds(120));
    CHECK(grid.late() == 2);
}
