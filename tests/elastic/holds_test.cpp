// SPDX-License-Identifier: MIT
#include "elastic/holds.h"

#include <catch2/catch.hpp>
#include <string>

#include "support/hand_clock.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::HandClock;

namespace {

const std::string november = "powerwalker-metrics-2026.11";

struct HoldsBench {
    HandClock clock;
    Holds holds{clock, {.first = 15s, .longest = 5min}};

    /// One more try that was in vain: how long it is until the next one.
    std::chrono::nanoseconds wait_after_refusal() {
        holds.refuse(november, {}, "because");
        REQUIRE(holds.next_try());
        return *holds.next_try() - clock.steady_now();
    }
    bool admits() { return holds.admit(november, "id-0"); }
};

}  // namespace

TEST_CASE("the wait for an index that goes on refusing doubles, up to the longest", "[elastic]") {
    HoldsBench bench;
    for (const auto wait : {15s, 30s, 60s, 120s, 240s, 300s, 300s}) {
        CHECK(bench.wait_after_refusal() == wait);
        bench.clock.wind(wait - 1ms);
        CHECK_FALSE(bench.admits());
        bench.clock.wind(1ms);
        CHECK(bench.admits());
        CHECK_FALSE(bench.admits());  // the one that goes to see is on its way
    }
}

TEST_CASE("what was mended is tried at once, and the waits are short again", "[elastic]") {
    HoldsBench bench;
    for (int i = 0; i < 4; ++i) {
        bench.wait_after_refusal();
    }
    SECTION("as a person says") {
        bench.holds.hurry();
        CHECK(bench.holds.next_try() == bench.clock.steady_now());
        CHECK(bench.admits());
    }
    SECTION("as a document was taken") {
        bench.holds.release(november, {});
        CHECK(bench.holds.empty());
        CHECK(bench.admits());
    }
    CHECK(bench.wait_after_refusal() == 15s);
    CHECK(bench.wait_after_refusal() == 30s);
}
