// SPDX-License-Identifier: MIT
#include "terminal/moment.h"

#include <catch2/catch.hpp>

using namespace pwlog;
using namespace std::chrono_literals;

TEST_CASE("moments are taken with a zone, as a day in UTC, or as long ago", "[cli]") {
    const Timestamp day = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
    CHECK(parse_moment("2026-11-22T17:04:05Z", "--since").value() == day + 17h + 4min + 5s);
    CHECK(parse_moment("2026-11-22T17:04:05+01:00", "--since").value() == day + 16h + 4min + 5s);
    CHECK(parse_moment("2026-11-22", "--since").value() == day);
    const auto ago = parse_moment("2h", "--since").value();
    const auto now = to_timestamp(SystemClock().wall_now());
    REQUIRE(ago);
    CHECK(*ago <= now - 2h);
    CHECK(*ago > now - 3h);
    CHECK(parse_moment("", "--since").value() == std::nullopt);
}

TEST_CASE("a moment that is none is refused with the option and examples", "[cli]") {
    for (const auto* text : {"now", "2026", "2026-13-01", "2026-02-30", "2026-1-1", "2026-11-22 ",
                             "2026/11/22", "2026-11-22T17:04:05", "-2h"}) {
        INFO(text);
        const auto moment = parse_moment(text, "--until");
        REQUIRE_FALSE(moment);
        CHECK(moment.error().kind == ErrorKind::invalid);
        CHECK(moment.error().message.starts_with(std::string("--until ") + text + ": expected"));
    }
}
