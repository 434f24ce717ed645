// SPDX-License-Identifier: MIT
#include "mqtt/command_desk.h"

#include <catch2/catch.hpp>

#include "switching/switch_bench.h"

using namespace pwlog;
using namespace pwlog::test;

TEST_CASE("commands that wait at a stop are not carried out, and each is an event", "[mqtt]") {
    Bench bench({3, 8});
    const std::shared_ptr<Switcher> switcher(std::shared_ptr<void>(), &bench.switcher());
    CommandDesk desk({{"P", switcher, [] {}}}, system_clock);  // not started: whatever comes waits
    for (const auto* const outlet : {"out3", "out8"}) {
        CHECK(desk.take({std::string("P/pdu/outlet/") + outlet + "/set", "OFF"}));
    }
    CHECK(desk.take({"P/pdu/outlet/out1/set", "OFF"}));  // not permitted, and not yet told
    CHECK(bench.events().empty());
    desk.stop();
    CHECK(bench.sent().empty());
    const auto told = bench.events();
    REQUIRE(told.size() == 3);
    for (const auto& event : told) {
        INFO(event);
        CHECK(has(event, R"("outcome":"failure")"));
    }
    CHECK(has(told[0], R"("number":3)"));
    CHECK(has(told[1], R"("number":8)"));
    CHECK(has(told[2], R"("number":1)"));
    CHECK(desk.counters().done == 0);
}
