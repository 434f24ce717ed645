// SPDX-License-Identifier: MIT
#include "sampling/fast_pace.h"

#include <catch2/catch.hpp>

#include "support/hand_clock.h"

using namespace pwlog;
using namespace std::chrono_literals;

namespace {

/// A device with a document each second, and in between as many readings as there is room for.
struct PaceBench {
    /// Until the next document, where each reading takes so long; how many there were.
    int readings(std::chrono::milliseconds takes) {
        const auto tick = clock.steady_now() + 1s;
        int count = 0;
        while (pace.next(tick, false) < tick) {
            const auto started = clock.steady_now();
            clock.wind(takes);
            pace.done(started, true);
            ++count;
        }
        clock.wind(std::max<std::chrono::nanoseconds>(tick - clock.steady_now(), 0ns));
        return count;
    }
    /// Those before the last of so many documents.
    int readings_later(int documents) {
        int last = 0;
        for (int i = 0; i < documents; ++i) {
            last = readings(100ms);
        }
        return last;
    }

    test::HandClock clock;
    FastPace pace{0ms, clock};
};

}  // namespace

TEST_CASE("one slow reading keeps the others away for some documents, not for ever", "[sampling]") {
    PaceBench bench;
    const int usual = bench.readings_later(2);
    REQUIRE(usual > 5);
    SECTION("there is still room for one as slow") {
        REQUIRE(bench.readings(700ms) == 1);
        CHECK(bench.readings(100ms) < usual);
        CHECK(bench.readings_later(3) == usual);
    }
    SECTION("there is none, as after a suspended process") {
        REQUIRE(bench.readings(5s) == 1);
        CHECK(bench.readings(100ms) == 0);
        CHECK(bench.readings_later(20) == usual);
    }
}

TEST_CASE("where no reading has ever fitted before a document, none is begun again", "[sampling]") {
    PaceBench bench;
    REQUIRE(bench.readings(1500ms) == 1);
    for (int document = 0; document < 100; ++document) {
        REQUIRE(bench.readings(1500ms) == 0);
    }
}
