// SPDX-License-Identifier: MIT
#include "base/text_values.h"

#include <catch2/catch.hpp>

using namespace pwlog;
using namespace std::chrono_literals;

TEST_CASE("durations are whole numbers with a unit", "[cli]") {
    CHECK(parse_duration("20ms") == 20ms);
    CHECK(parse_duration("10s") == 10s);
    CHECK(parse_duration("5min") == 5min);
    CHECK(parse_duration("5m") == 5min);
    CHECK(parse_duration("2h") == 2h);
    CHECK(parse_duration("7d") == 7 * 24h);
    CHECK(parse_duration("2y") == 2 * 365 * 24h);
    CHECK(parse_duration("0s") == 0s);
}

TEST_CASE("what is not quite a duration is none", "[cli]") {
    for (const auto* text :
         {"", "10", "s", "-10s", "+10s", "1.5s", "10 s", " 10s", "10s ", "10S", "1h30m", "0x10s",
          "10µs", "99999999999999999999s", "9223372036854775807s", "300000000y"}) {
        INFO(text);
        CHECK_FALSE(parse_duration(text));
    }
}

TEST_CASE("sizes are whole numbers with a unit", "[cli]") {
    CHECK(parse_size("512B") == 512);
    CHECK(parse_size("900KiB") == 921'600);
    CHECK(parse_size("256MiB") == 268'435'456);
    CHECK(parse_size("100MB") == 100'000'000);
    CHECK(parse_size("1TiB") == 1'099'511'627'776);
    for (const auto* text : {"", "256", "MiB", "-1B", "256mib", "1.5GiB", "1 GiB", "9999999TiB",
                             "18446744073709551616B"}) {
        INFO(text);
        CHECK_FALSE(parse_size(text));
    }
}

TEST_CASE("a written duration or size is read back as the same", "[cli]") {
    for (const auto duration : {0ms, 1ms, 1'500ms, 60'000ms, 90'000ms, 86'400'000ms}) {
        CHECK(parse_duration(duration_text(duration)) == duration);
    }
    for (const std::uint64_t size : {0ULL, 1ULL, 1'000ULL, 921'600ULL, 1'099'511'627'776ULL}) {
        CHECK(parse_size(size_text(size)) == size);
    }
    CHECK(duration_text(7 * 24h) == "7d");
    CHECK(duration_text(90s) == "90s");
    CHECK(size_text(921'600) == "900KiB");
}

TEST_CASE("long times are told roughly", "[cli]") {
    CHECK(rough_duration(-5s) == "0 s");
    CHECK(rough_duration(119s) == "119 s");
    CHECK(rough_duration(120s) == "2 min");
    CHECK(rough_duration(3h) == "3 h");
    CHECK(rough_duration(72h) == "3 d");
}
