// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "spool_support.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace pwlog::test;

TEST_CASE("a batch keeps to its limits, but always has one document", "[spool]") {
    const TempDir dir;
    HandClock clock;
    auto spool = open_spool(dir.path(), clock);
    CHECK(spool->append(make_entry("ats", clock.now(), 4)));
    const auto one = spool->next_batch({1000, 1});
    REQUIRE(one);
    CHECK(one->documents.size() == 1);
    CHECK(one->more);
    const auto rest = spool->next_batch({1000, 1U << 20U}, one->documents.back().ref);
    REQUIRE(rest);
    CHECK(rest->documents.size() == 3);
    CHECK_FALSE(rest->more);
}
