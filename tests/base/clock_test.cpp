// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "base/clock_sync.h"

using namespace pwlog;
using namespace std::chrono_literals;

TEST_CASE("a clock is believed by the error the kernel reckons with, as systemd does", "[base]") {
    CHECK(judge_clock(0us) == ClockSync::synchronised);
    CHECK(judge_clock(8500us) == ClockSync::synchronised);  // chronyd without rtcsync: STA_UNSYNC
    CHECK(judge_clock(15'999'999us) == ClockSync::synchronised);
    CHECK(judge_clock(16s) == ClockSync::unsynchronised);  // never set since boot
    CHECK(judge_clock(std::nullopt) == ClockSync::unknown);
}

TEST_CASE("each state of a clock has its word", "[base]") {
    CHECK(word_of(ClockSync::synchronised) == "synchronised");
    CHECK(word_of(ClockSync::unsynchronised) == "unsynchronised");
    CHECK(word_of(ClockSync::unknown) == "unknown");
}
