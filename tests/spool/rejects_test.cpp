// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "spool/spool.h"
#include "spool_support.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

TEST_CASE("rejects keep their reason and can be tried again", "[spool]") {
    const TempDir dir;
    HandClock clock;
    SpoolOptions options;
    options.keep = 0ms;
    auto spool = open_spool(dir.path(), clock, options);
    const auto time = clock.now();
    CHECK(spool->append(make_entry("pdu", time, 3)));
    const auto documents = all_pending(*spool);
    const std::vector<Settlement> settlements = {
        {documents[0].ref, Outcome::stored},
        {documents[1].ref, Outcome::rejected, 400, "document_parsing_exception", "bad field"},
        {documents[2].ref, Outcome::rejected, 404, "index_not_found", std::string(5000, 'x')}};
    CHECK(spool->settle(settlements));
    for (int i = 1; i < 100; ++i) {  // enough for the archive to be pruned
        clock.advance(1min);
        CHECK(spool->append(make_entry("pdu", clock.now(), 1)));
        settle_all(*spool, all_pending(*spool), Outcome::stored);
    }
    const auto rejects = spool->rejects({}, 10);
    REQUIRE(rejects);
    REQUIRE(rejects->size() == 2);
    const auto& first = rejects->front();
    CHECK(first.ref == documents[1].ref);
    CHECK(first.id == id_of("pdu", time, 1));
    CHECK(first.json == json_of(first.id));
    CHECK(first.time == time);
    CHECK(first.rejected_at == time);
    CHECK(first.index == "powerwalker-metrics-2026.11");
    CHECK(first.status == 400);
    CHECK(first.type == "document_parsing_exception");
    CHECK(first.reason == "bad field");
    CHECK(rejects->back().reason.size() == 1000);
    CHECK(spool->rejects(first.ref, 10)->size() == 1);

    CHECK(spool->retry_rejects({500, std::nullopt}).value() == 0);
    CHECK(spool->retry_rejects({std::nullopt, "index_not_found"}).value() == 1);
    const auto again = all_pending(*spool);
    REQUIRE(again.size() == 1);
    CHECK(again[0].ref == documents[2].ref);
    CHECK(spool->info().rejected == 1);
    check_identity(*spool);
    settle_all(*spool, again, Outcome::stored);
    CHECK(spool->retry_rejects().value() == 1);
    settle_all(*spool, all_pending(*spool), Outcome::rejected);
    CHECK(spool->info().rejected == 1);
    CHECK(spool->info().rejects_kept == 1);
    check_identity(*spool);
}

TEST_CASE("only so many rejects are kept, the oldest go and are counted", "[spool]") {
    const TempDir dir;
    HandClock clock;
    SpoolOptions options;
    options.max_rejects = 10;
    auto spool = open_spool(dir.path(), clock, options);
    for (int i = 0; i < 6; ++i) {
        clock.advance(1s);
        CHECK(spool->append(make_entry("pdu", clock.now(), 4)));
        settle_all(*spool, all_pending(*spool), Outcome::rejected);
    }
    const auto info = spool->info();
    CHECK(info.rejected == 24);
    CHECK(info.rejects_kept == 10);
    CHECK(info.rejects_dropped == 14);
    const auto kept = spool->rejects({}, 100);
    REQUIRE(kept->size() == 10);
    CHECK(kept->front().ref == DocumentRef{4, 2});
    CHECK(spool->retry_rejects().value() == 10);
    check_identity(*spool);
}
