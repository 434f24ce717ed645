// SPDX-License-Identifier: MIT
#include "spool/spool.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <thread>

#include "spool_support.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

TEST_CASE("what was appended comes out in order, whole and with its own ids", "[spool]") {
    const TempDir dir;
    HandClock clock;
    auto spool = open_spool(dir.path(), clock);
    for (int i = 0; i < 5; ++i) {
        CHECK(spool->append(make_entry("rack1-pdu", clock.now(), 9)).value() ==
              Durability::committed);
        clock.advance(10s);
    }
    const auto documents = all_pending(*spool, {7, 1U << 20U});
    REQUIRE(documents.size() == 45);
    for (std::size_t i = 0; i < documents.size(); ++i) {
        const auto time = clock.now() - 50s + (i / 9) * 10s;
        const auto id = id_of("rack1-pdu", time, static_cast<int>(i % 9));
        CHECK(documents[i].id == id);
        CHECK(documents[i].json == json_of(id));
        CHECK(documents[i].index == "powerwalker-metrics-2026.11");
        CHECK(documents[i].ref.position == static_cast<int>(i % 9));
    }
    check_identity(*spool);
}

TEST_CASE("each document is settled by itself, and only once", "[spool]") {
    const TempDir dir;
    HandClock clock;
    auto spool = open_spool(dir.path(), clock);
    CHECK(spool->append(make_entry("pdu", clock.now(), 5)));
    const auto documents = all_pending(*spool);
    std::vector<Settlement> settlements = {{documents[0].ref, Outcome::stored},
                                           {documents[1].ref, Outcome::duplicate},
                                           {documents[2].ref, Outcome::rejected, 400,
                                            "document_parsing_exception", "failed to parse"}};
    for (int twice = 0; twice < 2; ++twice) {
        CHECK(spool->settle(settlements));
        const auto info = spool->info();
        CHECK(info.read == 5);
        CHECK(info.stored == 1);
        CHECK(info.duplicates == 1);
        CHECK(info.rejected == 1);
        CHECK(info.pending_documents == 2);
        CHECK(info.pending_entries == 1);
    }
    const auto left = all_pending(*spool);
    REQUIRE(left.size() == 2);
    CHECK(left[0].ref == documents[3].ref);
    check_identity(*spool);
}

TEST_CASE("counters, what waits and what is remembered outlive the process", "[spool]") {
    const TempDir dir;
    HandClock clock;
    const auto time = clock.now();
    {
        auto spool = open_spool(dir.path(), clock);
        auto entry = make_entry("pdu", time, 3);
        entry.state = {{"pdu/energy", "17 18 19"}, {"pdu/alarms", "none"}};
        CHECK(spool->append(std::move(entry)));
        CHECK(spool->append(make_entry("pdu", time + 10s, 3)));
        settle_all(*spool, spool->next_batch({3, 1U << 20U})->documents, Outcome::stored);
        CHECK(spool->state("pdu/energy") == "17 18 19");
    }
    auto spool = open_spool(dir.path(), clock);
    CHECK(spool->state("pdu/energy") == "17 18 19");
    CHECK(spool->state("pdu/alarms") == "none");
    CHECK_FALSE(spool->state("ats/alarms"));
    const auto info = spool->info();
    CHECK(info.read == 6);
    CHECK(info.stored == 3);
    CHECK(info.pending_documents == 3);
    CHECK(info.entries == 2);
    CHECK(info.first_time == time);
    CHECK(info.last_time == time + 10s);
    CHECK(info.oldest_pending == time + 10s);
    const auto left = all_pending(*spool);
    REQUIRE(left.size() == 3);
    CHECK(left[0].id == id_of("pdu", time + 10s, 0));
    check_identity(*spool);
}

TEST_CASE("no two entries of a stream have the same time, delivered ones included", "[spool]") {
    const TempDir dir;
    HandClock clock;
    const auto time = clock.now();
    auto spool = open_spool(dir.path(), clock);
    CHECK(spool->free_time("pdu", time) == time);
    for (int i = 0; i < 3; ++i) {
        CHECK(spool->append(make_entry("pdu", time + i * 1ms)));
    }
    CHECK(spool->append(make_entry("pdu", time + 5ms)));
    settle_all(*spool, all_pending(*spool), Outcome::stored);

    const auto again = spool->append(make_entry("pdu", time + 1ms));
    REQUIRE_FALSE(again);
    CHECK(again.error().kind == ErrorKind::invalid);
    CHECK(spool->append(make_entry("ats", time + 1ms)));
    CHECK(spool->free_time("pdu", time) == time + 3ms);
    CHECK(spool->free_time("pdu", time + 4ms) == time + 4ms);
    CHECK(spool->free_time("pdu", time + 5ms) == time + 6ms);
    CHECK(spool->free_time("pdu", time + 1h) == time + 1h);

    spool.reset();
    spool = open_spool(dir.path(), clock);
    CHECK(spool->free_time("pdu", time) == time + 3ms);
    CHECK_FALSE(spool->append(make_entry("pdu", time + 5ms)));
    CHECK(spool->append(make_entry("pdu", time - 1h)));
    check_identity(*spool);
}

TEST_CASE("an entry that cannot be kept as it is, is refused", "[spool]") {
    const TempDir dir;
    HandClock clock;
    auto spool = open_spool(dir.path(), clock);
    std::vector<Entry> bad(9, make_entry("pdu", clock.now(), 2));
    bad[0].documents.clear();
    bad[1].stream = "a\tb";
    bad[2].documents[0].index = bad[2].documents[1].index = "a\nb";
    bad[8].documents[1].index = "powerwalker-metrics-2026.12";
    bad[3].documents[1].id = "a\tb";
    bad[4].documents[1].json = "{\n}";
    bad[5].documents[0].id.clear();
    bad[6].documents.resize(max_documents_per_entry + 1, bad[6].documents[0]);
    bad[7].documents[0].json = std::string(5U << 20U, 'x');
    for (auto& entry : bad) {
        const auto appended = spool->append(std::move(entry));
        REQUIRE_FALSE(appended);
        CHECK(appended.error().kind == ErrorKind::invalid);
    }
    CHECK(spool->info().read == 0);
    CHECK(spool->append(make_entry("pdu", clock.now(), int{max_documents_per_entry})));
    settle_all(*spool, all_pending(*spool), Outcome::stored);
    CHECK(spool->info().stored == max_documents_per_entry);
    check_identity(*spool);
}

TEST_CASE("delivered entries stay for as long as they are to be kept", "[spool]") {
    const TempDir dir;
    HandClock clock;
    SpoolOptions options;
    options.keep = 1h;
    auto spool = open_spool(dir.path(), clock, options);
    const auto start = clock.now();
    for (int i = 0; i < 400; ++i) {
        clock.advance(1min);
        CHECK(spool->append(make_entry("pdu", clock.now())));
        // Two that wait stay in the way of none.
        auto documents = all_pending(*spool);
        if (i == 10 || i == 11) {
            continue;
        }
        documents.erase(std::remove_if(documents.begin(), documents.end(),
                                       [&](const auto& document) {
                                           return document.ref.seq == 11 || document.ref.seq == 12;
                                       }),
                        documents.end());
        settle_all(*spool, documents, Outcome::stored);
    }
    // At most 32 more than an hour of them, since they are let go in turns.
    const auto info = spool->info();
    CHECK(info.entries >= 60 + 2);
    CHECK(info.entries <= 60 + 2 + 33);
    CHECK(info.first_time == start + 11min);
    CHECK(info.dropped == 0);
    CHECK(info.pending_entries == 2);
    check_identity(*spool);
}

TEST_CASE("an export gives the archive and what waits, by time, while others go on", "[spool]") {
    const TempDir dir;
    HandClock clock;
    const auto start = clock.now();
    auto spool = open_spool(dir.path(), clock);
    for (int i = 0; i < 100; ++i) {
        CHECK(spool->append(make_entry("pdu", start + i * 10s, 9)));
        CHECK(spool->append(make_entry("ats", start + i * 10s, 1)));
    }
    CHECK(spool->append(make_entry("pdu", start - 10s, 1)));  // the clock was set back
    settle_all(*spool, all_pending(*spool), Outcome::stored);
    CHECK(spool->append(make_entry("ats", start + 1000s, 1)));

    std::vector<Entry> seen;
    int appended = 0;
    CHECK(spool->export_entries(start - 10s, start + 500s, [&](const Entry& entry) {
        seen.push_back(entry);
        appended += spool->append(make_entry("other", start + 1h + appended * 1s)) ? 1 : 0;
        return true;
    }));
    REQUIRE(seen.size() == 101);
    CHECK(appended == 101);
    CHECK(seen[0].time == start - 10s);
    for (std::size_t i = 1; i < seen.size(); ++i) {
        CHECK(seen[i].time == start + ((i - 1) / 2) * 10s);
        CHECK(seen[i].stream == (i % 2 == 1 ? "pdu" : "ats"));
        CHECK(seen[i].documents.size() == (i % 2 == 1 ? 9 : 1));
        CHECK(seen[i].documents[0].json == json_of(seen[i].documents[0].id));
    }
    int stopped = 0;
    CHECK(spool->export_entries(start, start + 1h, [&](const Entry&) { return ++stopped < 40; }));
    CHECK(stopped == 40);
}

TEST_CASE("many threads append and one ships: nothing is lost or doubled", "[spool]") {
    const TempDir dir;
    const SystemClock clock;
    auto spool = open_spool(dir.path(), clock);
    const auto start = to_timestamp(clock.wall_now());
    constexpr int threads = 4;
    constexpr int each = 150;
    std::atomic<int> running = threads;
    std::vector<std::jthread> writers;
    for (int thread = 0; thread < threads; ++thread) {
        writers.emplace_back([&, thread] {
            for (int i = 0; i < each; ++i) {
                static_cast<void>(
                    spool->append(make_entry(fmt::format("pdu{}", thread), start + i * 1ms, 3)));
            }
            --running;
        });
    }
    std::vector<std::string> shipped;
    while (running > 0 || spool->info().pending_documents > 0) {
        spool->tick();
        const auto batch = spool->next_batch({50, 1U << 20U});
        REQUIRE(batch);
        for (const auto& document : batch->documents) {
            shipped.push_back(document.id);
        }
        settle_all(*spool, batch->documents, Outcome::stored);
    }
    std::sort(shipped.begin(), shipped.end());
    CHECK(std::unique(shipped.begin(), shipped.end()) == shipped.end());
    CHECK(shipped.size() == threads * each * 3);
    CHECK(spool->info().stored == threads * each * 3);
    check_identity(*spool);
}
