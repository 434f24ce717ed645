// SPDX-License-Identifier: MIT
#include "sampling/transfer_capsule.h"

#include <catch2/catch.hpp>

#include "support/hand_clock.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

/// A capsule that is fed once a second.
struct Fed {
    HandClock clock;
    TransferCapsule capsule;

    Timestamp wall() const { return to_timestamp(clock.wall_now()); }
    void read(int seconds) {
        for (int i = 0; i < seconds; ++i) {
            clock.wind(1s);
            capsule.add(clock.steady_now(), wall(), AtsReading{});
        }
    }
    void transfer() { capsule.open(clock.steady_now(), "transfer"); }
    bool is_open() const { return capsule.is_open(clock.steady_now()); }
};

}  // namespace

TEST_CASE("a capsule holds the minute before a transfer and the minute after it", "[agent]") {
    Fed fed;
    fed.read(300);
    fed.transfer();
    fed.read(100);
    const auto kept = fed.capsule.take();
    CHECK(kept.size() == 61 + 59);
    CHECK(kept.front().transfer == "transfer");
    CHECK(kept.front().time == fed.wall() - 160s);
    CHECK(kept.back().time == fed.wall() - 41s);
    CHECK(fed.capsule.take().empty());
}

TEST_CASE("a clock that is set, back or forward, changes no capsule", "[agent]") {
    const std::chrono::minutes step(GENERATE(-72 * 60, -5, 5, 365 * 24 * 60));
    Fed fed;
    SECTION("before the transfer: the minute is a minute") {
        fed.read(100);
        fed.clock.set_by(step);
        fed.read(1000);
        fed.transfer();
        CHECK(fed.capsule.take().size() == 61);
    }
    SECTION("after it: it ends after a minute") {
        fed.read(100);
        fed.transfer();
        fed.clock.set_by(step);
        CHECK(fed.is_open());
        fed.read(59);
        CHECK(fed.is_open());
        fed.read(1);
        CHECK_FALSE(fed.is_open());
        CHECK(fed.capsule.take().size() == 61 + 59);
    }
}

TEST_CASE("what was read before an outage does not come into the capsule", "[agent]") {
    Fed fed;
    fed.read(30);
    fed.capsule.forget_recent();
    fed.read(3);
    fed.transfer();
    CHECK(fed.capsule.take().size() == 3);
}
