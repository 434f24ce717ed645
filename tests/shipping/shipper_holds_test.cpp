// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>

#include "shipper_bench.h"
#include "shipping/shipper.h"
#include "support/full_disk.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::BulkLine;
using test::eventually;
using test::FakeBulk;
using test::FullDisk;
using test::LogCapture;
using test::ShipperBench;
using test::StubReply;
using test::StubRequest;
using State = ShipperStatus::State;

namespace {

const std::string october = "powerwalker-metrics-2026.10";
const std::string november = "powerwalker-metrics-2026.11";

bool is_for(const BulkLine& line, const std::string& index) {
    return line.action.find(index) != std::string::npos;
}

/// Documents of one entry in one index, numbered on.
void append_to(ShipperBench& bench, const std::string& index, int documents) {
    Entry entry;
    entry.stream = "pdu";
    entry.time = Timestamp(std::chrono::milliseconds(1'700'000'000'000 + bench.appended));
    for (int i = 0; i < documents; ++i, ++bench.appended) {
        const auto number = std::to_string(bench.appended);
        entry.documents.push_back({"id-" + number, index, "{\"n\":" + number + "}"});
    }
    REQUIRE(bench.spool->append(std::move(entry)));
}

}  // namespace

TEST_CASE("an old index that takes nothing stops nothing newer, however much waits for it",
          "[agent]") {
    ShipperBench bench;
    const auto [status, type] = GENERATE(table<int, std::string>({
        {403, "cluster_block_exception"},
        {400, "validation_exception"},
        {400, "some_exception_of_next_year"},
        {503, "unavailable_shards_exception"},
    }));
    bench.fake.type = type;
    bench.fake.status_of = [code = status](const BulkLine& line) {
        return is_for(line, october) ? code : 201;
    };
    const LogCapture log;
    for (int i = 0; i < 30; ++i) {
        append_to(bench, october, 10);
    }
    append_to(bench, november, 10);
    const auto shipper = bench.shipper({.limits = {.documents = 50}});
    REQUIRE(shipper->start());
    REQUIRE(eventually([&] { return bench.fake.stored().size() == 10; }));
    append_to(bench, november, 10);
    shipper->wake();
    REQUIRE(eventually([&] { return bench.fake.stored().size() == 20; }));
    REQUIRE(eventually([&] {
        const auto holds = shipper->status().holds;
        return holds.size() == 1 && holds.begin()->second.waiting == 300;
    }));
    CHECK(shipper->status().holds.begin()->second.index == october);
    CHECK(bench.spool->info().rejected == 0);
    bench.fake.change([](FakeBulk& fake) { fake.status_of = nullptr; });
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    CHECK(shipper->status().holds.empty());
    bench.check_books(320);
    INFO(log.text());
    CHECK(log.lines() == 3);  // shipping to, accepts no documents, accepts documents again
}

TEST_CASE("one document that nobody takes holds up neither its neighbours nor what follows",
          "[agent]") {
    ShipperBench bench;
    bench.fake.type = "some_exception_of_next_year";
    bench.fake.status_of = [](const BulkLine& line) {
        return line.document == "{\"n\":0}" ? 400 : 201;
    };
    append_to(bench, november, 1);  // alone at first, so that it looks like its index's state
    const auto shipper = bench.shipper();
    REQUIRE(shipper->start());
    REQUIRE(eventually([&] { return !shipper->status().holds.empty(); }));
    for (int i = 1; i <= 5; ++i) {
        append_to(bench, november, 10);
        shipper->wake();
        REQUIRE(eventually(
            [&] { return bench.fake.stored().size() == static_cast<std::size_t>(10 * i); }));
    }
    REQUIRE(eventually([&] { return bench.spool->info().pending_documents == 1; }));
    CHECK(bench.spool->info().rejected == 0);
    bench.fake.change([](FakeBulk& fake) { fake.status_of = nullptr; });
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    bench.check_books(51);
}

TEST_CASE("what is put back while an index is held is shipped, though it is older", "[agent]") {
    ShipperBench bench;
    bench.fake.status_of = [](const BulkLine& line) {
        return is_for(line, october) ? 403 : line.document == "{\"n\":0}" ? 400 : 201;
    };
    append_to(bench, november, 2);
    append_to(bench, october, 10);
    const auto shipper = bench.shipper();
    REQUIRE(shipper->start());
    REQUIRE(eventually([&] { return bench.spool->info().rejected == 1; }));
    REQUIRE(eventually([&] { return !shipper->status().holds.empty(); }));
    bench.fake.change([](FakeBulk& fake) {
        fake.status_of = [](const BulkLine& line) { return is_for(line, october) ? 403 : 201; };
    });
    CHECK(bench.spool->retry_rejects() == 1);
    shipper->look_again();
    REQUIRE(eventually([&] { return bench.fake.stored().size() == 2; }));
    shipper->stop(1s);
}

TEST_CASE("what cannot be booked is not sent again, and booked once it can be", "[agent]") {
    ShipperBench bench;
    bench.append(10);
    REQUIRE(bench.spool->flush());
    const LogCapture log;
    const auto shipper = bench.shipper();
    {
        const FullDisk full;
        for (int i = 0; i < 5; ++i) {
            CHECK(shipper->drain(bench.clock.steady_now() + 20s, {}).last == NextStep::go_on);
        }
    }
    CHECK(bench.fake.bulk_requests() == 1);
    REQUIRE(eventually([&] {
        (void)shipper->drain(bench.clock.steady_now() + 20s, {});
        return bench.spool->info().pending_documents == 0;
    }));
    CHECK(bench.fake.bulk_requests() == 1);
    bench.check_books(10);
    CHECK(bench.spool->info().stored == 10);
}

TEST_CASE("a server that changes its mind all the time is told a few times, then counted",
          "[agent]") {
    ShipperBench bench;
    bench.fake.bulk = [](std::size_t number, const StubRequest&) {
        return number % 2 == 0 ? std::optional(StubReply{.status = 429, .body = "{}"})
                               : std::nullopt;
    };
    const LogCapture log;
    const auto shipper = bench.shipper({.limits = {.documents = 10}});
    for (int i = 0; i < 40; ++i) {
        bench.append(10);
    }
    REQUIRE(shipper->start());
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    CHECK(bench.fake.bulk_requests() == 80);
    INFO(log.text());
    CHECK(log.lines() <= 7);
}
