// SPDX-License-Identifier: MIT
#include "events/logger_watch.h"

#include <catch2/catch.hpp>

#include "readings.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

LoggerWatch make_logger_watch() { return LoggerWatch({"logger.pi", ""}); }

}  // namespace

TEST_CASE("start and stop of the logger are a pair", "[events]") {
    auto logger = make_logger_watch();
    const auto begun = logger.started("0.1.0", "pi", at(0));
    CHECK(begun.action == "logger_started");
    CHECK(begun.message == "pwlog 0.1.0 started on pi");
    CHECK(begun.category == "process");
    CHECK(begun.type == "start");
    CHECK(begun.reason.empty());
    const auto ended = logger.stopped("pi", "asked to stop", at(100));
    CHECK(ended.action == "logger_stopped");
    CHECK(ended.message == "pwlog stopped on pi: asked to stop");
    CHECK(ended.type == "end");
    CHECK(ended.start == at(0));
    CHECK(ended.end == at(100));
    CHECK(ended.pair_id == begun.pair_id);
}

TEST_CASE("a run that was cut off is told by the one that follows", "[events]") {
    auto before = make_logger_watch();
    (void)before.started("0.1.0", "pi", at(0));
    auto after = make_logger_watch();
    SECTION("cut off") {
        after.restore(before.save());
        const auto begun = after.started("0.1.0", "pi", at(100));
        CHECK(begun.reason == "the run that began at 2026-11-22T16:56:40.000Z was cut off");
        CHECK(begun.message == "pwlog 0.1.0 started on pi; " + begun.reason);
    }
    SECTION("stopped") {
        (void)before.stopped("pi", "asked to stop", at(50));
        after.restore(before.save());
        CHECK(after.started("0.1.0", "pi", at(100)).reason.empty());
    }
}

TEST_CASE("a clock that is not synchronised is one pair, also through a restart", "[events]") {
    auto before = make_logger_watch();
    const auto begun = before.clock_is(false, at(0));
    REQUIRE(begun);
    CHECK(begun->action == "clock_unsynchronised");
    CHECK(begun->message == "logger.pi: the clock is not synchronised");
    CHECK_FALSE(before.clock_is(false, at(10)));
    auto after = make_logger_watch();
    after.restore(before.save());
    SECTION("and still is not") {
        CHECK_FALSE(after.clock_is(false, at(20)));
        const auto over = after.clock_is(true, at(30));
        REQUIRE(over);
        CHECK(over->action == "clock_synchronised");
        CHECK(over->pair_id == begun->pair_id);
        CHECK(over->message == "logger.pi: the clock is synchronised, after 30 s");
    }
    SECTION("and was synchronised meanwhile") {
        const auto over = after.clock_is(true, at(30));
        REQUIRE(over);
        CHECK(detail(*over, "observed") == "false");
    }
}

TEST_CASE("a clock that has always been synchronised is no event", "[events]") {
    CHECK_FALSE(make_logger_watch().clock_is(true, at(0)));
}

TEST_CASE("documents given up are told at once, then once an hour", "[events]") {
    auto logger = make_logger_watch();
    CHECK_FALSE(logger.dropped(0, at(0)));
    const auto first = logger.dropped(9, at(60));
    REQUIRE(first);
    CHECK(first->action == "samples_dropped");
    CHECK(first->message == "9 documents were given up, 9 in all: the spool was full or damaged");
    CHECK(detail(*first, "count") == "9");
    CHECK(first->outcome == "failure");
    CHECK_FALSE(logger.dropped(9, at(120)));
    CHECK_FALSE(logger.dropped(90, at(180)));
    auto later = make_logger_watch();
    later.restore(logger.save());
    CHECK_FALSE(later.dropped(180, at(3600)));
    const auto second = later.dropped(300, at(3661));
    REQUIRE(second);
    CHECK(detail(*second, "count") == "291");
    CHECK_FALSE(later.dropped(300, at(9000)));
    CHECK(later.dropped(301, at(9060)));
}

TEST_CASE("a clock that went back silences no losses", "[events]") {
    auto logger = make_logger_watch();
    REQUIRE(logger.dropped(9, at(86400)));
    CHECK(logger.dropped(18, at(60)));
}

TEST_CASE("another logger of one device.id is told at once, then once an hour", "[events]") {
    auto logger = make_logger_watch();
    CHECK_FALSE(logger.conflicts("", 0, at(0)));
    const auto first = logger.conflicts("ats1, pdu1", 9, at(60));
    REQUIRE(first);
    CHECK(first->action == "device_id_conflict");
    CHECK(first->message ==
          "another logger writes documents of device.id ats1, pdu1: it had stored 9 before they "
          "were first sent from here");
    CHECK(detail(*first, "count") == "9");
    CHECK(first->outcome == "failure");
    CHECK_FALSE(logger.conflicts("ats1, pdu1", 9, at(4000)));
    CHECK(logger.conflicts("ats1, pdu1", 12, at(4001)));
    auto later = make_logger_watch();  // counts anew, but does not tell with every start
    later.restore(logger.save());
    CHECK_FALSE(later.conflicts("pdu1", 1, at(5000)));
    const auto second = later.conflicts("pdu1", 2, at(7602));
    REQUIRE(second);
    CHECK(detail(*second, "count") == "2");
}
