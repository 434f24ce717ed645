// SPDX-License-Identifier: MIT
#include "config/wire_time.h"

#include <catch2/catch.hpp>

using namespace pwlog;
using namespace std::chrono_literals;

TEST_CASE("the shortest interval is the wire time plus the gaps", "[cli]") {
    // 270 and 77 bytes of ten bits at 2400 baud.
    CHECK(shortest_interval(Cycle::pdu_full, 0ms) == 1'125ms);
    CHECK(shortest_interval(Cycle::pdu_full, 20ms) == 1'205ms);
    CHECK(shortest_interval(Cycle::pdu_fast, 0ms) == 555ms);
    CHECK(shortest_interval(Cycle::ats, 0ms) == 321ms);
    CHECK(shortest_interval(Cycle::ats, 20ms) == 361ms);
}

TEST_CASE("an interval shorter than the wire is refused with the sum", "[cli]") {
    CHECK(check_interval(Cycle::pdu_full, 1'205ms, 20ms));
    const auto refused = check_interval(Cycle::pdu_full, 1'204ms, 20ms);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::invalid);
    CHECK(refused.error().message ==
          "1204 ms is too short: QGS QPW QEC QPVA take 1125 ms on the wire at 2400 baud, with 4 "
          "gaps of 20 ms at least 1205 ms");
}
