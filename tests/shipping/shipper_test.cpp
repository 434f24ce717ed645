// SPDX-License-Identifier: MIT
#include "shipping/shipper.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "shipper_bench.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::BulkLine;
using test::eventually;
using test::FakeBulk;
using test::LogCapture;
using test::ShipperBench;
using test::StubReply;
using test::StubRequest;
using State = ShipperStatus::State;

TEST_CASE("what waits in the spool is shipped and booked", "[agent]") {
    ShipperBench bench;
    for (int i = 0; i < 250; ++i) {
        bench.append(10);
    }
    const auto shipper = bench.shipper();
    REQUIRE(shipper->start());
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    bench.check_books(2500);
    CHECK(bench.spool->info().stored == 2500);
    CHECK(bench.fake.bulk_requests() == 3);
    const auto status = shipper->status();
    CHECK(status.stored == 2500);
    CHECK(status.last_success);
    CHECK(status.latency);
    CHECK(status.host == bench.stub.url());
    CHECK(status.server == "Elasticsearch 8.19.21");
    CHECK(status.last_error.empty());
}

TEST_CASE("a new entry wakes the shipper", "[agent]") {
    ShipperBench bench;
    const auto shipper = bench.shipper();
    REQUIRE(shipper->start());
    for (int i = 1; i <= 3; ++i) {
        REQUIRE(eventually([&] { return shipper->status().state == State::idle; }));
        bench.append(10);
        shipper->wake();
        REQUIRE(bench.delivered());
    }
    CHECK(bench.fake.stored().size() == 30);
}

TEST_CASE("a spool that was delivered before sends nothing after a restart", "[agent]") {
    ShipperBench bench;
    bench.append(10);
    const auto first = bench.shipper();
    CHECK(first->drain(bench.clock.steady_now() + 20s, {}).last == NextStep::go_on);
    const auto requests = bench.stub.requests().size();
    bench.spool.reset();
    bench.spool = bench.open_spool();
    CHECK(bench.shipper()->drain(bench.clock.steady_now() + 20s, {}).last == NextStep::go_on);
    CHECK(bench.stub.requests().size() == requests);
}

TEST_CASE("refused documents are put aside with their reason, the others shipped", "[agent]") {
    ShipperBench bench;
    bench.fake.status_of = [](const BulkLine& line) {
        return line.document.find("7}") != std::string::npos ? 400 : 201;
    };
    const LogCapture log;
    for (int i = 0; i < 30; ++i) {
        bench.append(10);
    }
    const auto shipper = bench.shipper({.limits = {.documents = 50}});
    REQUIRE(shipper->start());
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    bench.check_books(270);
    CHECK(bench.spool->info().rejected == 30);
    const auto rejects = bench.spool->rejects({}, 100);
    REQUIRE(rejects);
    REQUIRE(rejects->size() == 30);
    CHECK(rejects->front().json == "{\"n\":7}");
    CHECK(rejects->front().id == "id-7");
    CHECK(rejects->front().status == 400);
    CHECK(rejects->front().type == "document_parsing_exception");
    CHECK(rejects->front().reason == "because");
    CHECK(log.lines() == 2);  // shipping to …, and one for the kind of refusal
}

TEST_CASE("rejects that are retried are shipped once what refused them is gone", "[agent]") {
    ShipperBench bench;
    bench.fake.status_of = [](const BulkLine& line) {
        return line.document == "{\"n\":3}" ? 400 : 201;
    };
    bench.append(10);
    const auto shipper = bench.shipper();
    REQUIRE(shipper->start());
    REQUIRE(bench.delivered());
    bench.fake.change([](FakeBulk& fake) { fake.status_of = nullptr; });
    CHECK(bench.spool->retry_rejects() == 1);
    shipper->wake();
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    bench.check_books(10);
}

TEST_CASE("after an outage everything is there once, and three lines tell of it", "[agent]") {
    ShipperBench bench;
    const StubReply trouble = GENERATE(
        StubReply{.status = 503, .body = "{}"}, StubReply{.status = 429, .body = "{}"},
        StubReply{.end = StubReply::End::reset, .cut_after = 0},
        StubReply{.body = "{\"errors\":false,\"items\":[", .framing = StubReply::Framing::chunked});
    const LogCapture log;
    const auto shipper = bench.shipper({.limits = {.documents = 20}});
    bench.append(10);
    REQUIRE(shipper->start());
    REQUIRE(bench.delivered());
    bench.fake.change([&](FakeBulk& fake) {
        fake.bulk = [&](std::size_t, const StubRequest&) { return std::optional(trouble); };
    });
    for (int i = 0; i < 20; ++i) {
        bench.append(10);
    }
    shipper->wake();
    const auto before = bench.fake.bulk_requests();
    REQUIRE(eventually([&] { return bench.fake.bulk_requests() > before + 8; }));
    CHECK(shipper->status().state == State::retrying);
    CHECK_FALSE(shipper->status().last_error.empty());
    CHECK(bench.spool->info().pending_documents == 200);
    bench.fake.change([](FakeBulk& fake) { fake.bulk = nullptr; });
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    bench.check_books(210);
    CHECK(bench.spool->info().stored == 210);
    INFO(log.text());
    CHECK(log.lines() == 3);  // shipping, has to wait, shipping again
}

TEST_CASE("answers that are lost leave nothing twice and nothing behind", "[agent]") {
    ShipperBench bench;
    bench.fake.bulk = [&](std::size_t number, const StubRequest& request) {
        if (number % 3 == 0) {
            return std::optional<StubReply>();
        }
        auto reply = bench.fake.store(request.body);
        reply.cut_after = 40 * number % 1000;
        reply.framing =
            number % 2 == 0 ? StubReply::Framing::until_close : StubReply::Framing::chunked;
        return std::optional(reply);
    };
    for (int i = 0; i < 50; ++i) {
        bench.append(10);
    }
    const auto shipper = bench.shipper({.limits = {.documents = 30}});
    REQUIRE(shipper->start());
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    bench.check_books(500);
    CHECK(bench.spool->info().duplicates > 0);
    CHECK(bench.spool->info().stored + bench.spool->info().duplicates == 500);
}

TEST_CASE("what a full spool drops of the request that is out counts by its answer", "[agent]") {
    ShipperBench bench;
    bench.spool.reset();
    bench.spool = bench.open_spool(256U << 10U);
    const LogCapture log;
    const bool is_stored = GENERATE(true, false);
    constexpr int per_entry = 10;
    constexpr std::size_t gone = 50;  // entries, of the hundred in the request
    bench.fake.bulk = [&](std::size_t number, const StubRequest& request) {
        if (number > 0) {
            return std::optional<StubReply>();
        }
        while (bench.spool->info().entries + std::int64_t{gone} > bench.appended / per_entry) {
            bench.append(per_entry);
        }
        return std::optional(is_stored ? bench.fake.store(request.body)
                                       : StubReply{.status = 503, .body = "{}"});
    };
    for (int i = 0; i < 120; ++i) {
        bench.append(per_entry);
    }
    const auto shipper = bench.shipper();
    REQUIRE(shipper->start());
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    const auto info = bench.spool->info();
    const auto on_server = static_cast<std::int64_t>(bench.fake.stored().size());
    CHECK(info.read == bench.appended);
    CHECK(info.stored == on_server);
    CHECK(info.stored + info.dropped == info.read);
    CHECK((is_stored ? info.dropped == 0 : info.dropped >= std::int64_t{gone} * per_entry));
}

TEST_CASE("items without room are sent again alone", "[agent]") {
    ShipperBench bench;
    std::map<std::string, int> sent;
    bench.fake.status_of = [&](const BulkLine& line) {
        return ++sent[line.document] < 3 && line.document.ends_with("5}") ? 429 : 201;
    };
    for (int i = 0; i < 10; ++i) {
        bench.append(10);
    }
    const auto shipper = bench.shipper();
    REQUIRE(shipper->start());
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    bench.check_books(100);
    CHECK(sent["{\"n\":15}"] == 3);
    CHECK(sent["{\"n\":16}"] == 1);
}

TEST_CASE("a refused key pauses the shipping, is said once, and never shown", "[agent]") {
    ShipperBench bench;
    const LogCapture log;
    const int status = GENERATE(401, 403);
    bench.fake.bulk = [=](std::size_t, const StubRequest& request) {
        return request.headers.at("authorization") == "ApiKey Y2FuYXJ5"
                   ? std::optional(StubReply{.status = status, .body = "{}"})
                   : std::nullopt;
    };
    bench.append(10);
    const auto shipper = bench.shipper(
        {.http = {.auth = AuthScheme::api_key, .secret = Secret(std::string("Y2FuYXJ5"))}});
    REQUIRE(shipper->start());
    REQUIRE(eventually([&] { return bench.fake.bulk_requests() > 5; }));
    CHECK(shipper->status().state == State::paused);
    CHECK(shipper->status().last_error.find(std::to_string(status)) != std::string::npos);
    CHECK(shipper->status().next_try);
    bench.fake.change([](FakeBulk& fake) { fake.bulk = nullptr; });
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    bench.check_books(10);
    INFO(log.text());
    CHECK(log.lines() == 2);
    CHECK(log.text().find("Y2FuYXJ5") == std::string::npos);
    CHECK(log.text().find("canary") == std::string::npos);
    CHECK(shipper->status().last_error.find("Y2FuYXJ5") == std::string::npos);
}

TEST_CASE("without a template nothing is sent and nothing lost, until there is one", "[agent]") {
    ShipperBench bench;
    bench.fake.other = [](const StubRequest& request) {
        if (request.target.find("_mapping") != std::string::npos) {
            return std::optional(StubReply{.status = 404, .body = "{}"});
        }
        return request.target == "/" ? std::nullopt : std::optional(StubReply{.body = "{}"});
    };
    bench.append(10);
    const auto shipper = bench.shipper();
    REQUIRE(shipper->start());
    REQUIRE(eventually([&] { return shipper->status().state == State::paused; }));
    CHECK(shipper->status().last_error.find("`pwlog setup`") != std::string::npos);
    CHECK(bench.fake.bulk_requests() == 0);
    bench.append(10);
    bench.fake.change([](FakeBulk& fake) { fake.other = nullptr; });
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    bench.check_books(20);
}

TEST_CASE("a wrong set-up does not empty the spool into the rejects", "[agent]") {
    ShipperBench bench;
    bench.fake.status_of = [](const BulkLine&) { return 400; };
    for (int i = 0; i < 100; ++i) {
        bench.append(10);
    }
    const auto shipper = bench.shipper();
    REQUIRE(shipper->start());
    REQUIRE(eventually([&] { return bench.fake.bulk_requests() > 5; }));
    CHECK(shipper->status().state == State::paused);
    CHECK(bench.spool->info().rejected == 20);
    bench.fake.change([](FakeBulk& fake) { fake.status_of = nullptr; });
    REQUIRE(bench.delivered());
    CHECK(bench.spool->retry_rejects() == 20);
    shipper->wake();
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    bench.check_books(1000);
}

TEST_CASE("a reload ends a pause at once, with the key that is in the file now", "[agent]") {
    ShipperBench bench;
    const auto file = bench.folder.path() / "key";
    const auto write = [&file](const std::string& text) {
        std::ofstream(file) << text << '\n';
        std::filesystem::permissions(
            file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    };
    write("old");
    bench.fake.other = [](const StubRequest& request) {
        return request.headers.at("authorization") == "ApiKey new"
                   ? std::nullopt
                   : std::optional(StubReply{.status = 401, .body = "{}"});
    };
    bench.append(10);
    SenderOptions options;
    options.http = {.auth = AuthScheme::api_key, .secret = Secret("old"), .secret_file = file};
    const auto shipper = bench.shipper(options, true);  // a pause lasts a minute
    REQUIRE(shipper->start());
    REQUIRE(eventually([&] { return shipper->status().next_try.has_value(); }));
    write("new");
    shipper->look_again();
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    bench.check_books(10);
}

TEST_CASE("a key with more rights frees an index that refused the old one, without a reload",
          "[agent]") {
    ShipperBench bench;
    const auto file = bench.folder.path() / "key";
    const auto write = [&file](const std::string& text) {
        std::ofstream(file) << text << '\n';
        std::filesystem::permissions(
            file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    };
    write("old");
    bench.fake.type = "security_exception";
    bench.fake.bulk = [&](std::size_t, const StubRequest& request) {
        bench.fake.status_of = [good = request.headers.at("authorization") ==
                                       "ApiKey new"](const BulkLine&) { return good ? 201 : 403; };
        return std::optional<StubReply>();
    };
    bench.append(10);
    SenderOptions options;
    options.http = {.auth = AuthScheme::api_key, .secret = Secret("old"), .secret_file = file};
    const auto shipper = bench.shipper(options);
    REQUIRE(shipper->start());
    REQUIRE(eventually([&] { return bench.fake.bulk_requests() >= 2; }));
    write("new");
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    bench.check_books(10);
}

TEST_CASE("what devices give in one cycle goes into one request, though one answers late",
          "[agent]") {
    ShipperBench bench;
    bench.longest_gathering = 20s;
    const auto shipper = bench.shipper();
    std::atomic<bool> reading = false;
    std::atomic<int> asked = 0;
    shipper->set_gathering([&] {
        ++asked;
        return reading.load();
    });
    bench.append(10);
    REQUIRE(shipper->start());
    REQUIRE(bench.delivered());
    REQUIRE(bench.fake.bulk_requests() == 1);
    reading = true;
    bench.append(10);  // the ATS
    shipper->wake();
    REQUIRE(eventually([&] { return asked > 0; }));
    bench.append(10);  // the PDU
    shipper->wake();
    reading = false;
    shipper->nudge();
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    CHECK(bench.fake.bulk_requests() == 2);
    bench.check_books(30);
}

TEST_CASE("a device that hangs while it is read holds up what the others gave for a bounded time",
          "[agent]") {
    ShipperBench bench;
    bench.longest_gathering = 20ms;
    const auto shipper = bench.shipper();
    shipper->set_gathering([] { return true; });
    bench.append(10);
    REQUIRE(shipper->start());
    REQUIRE(bench.delivered());
    bench.append(10);
    shipper->wake();
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    bench.check_books(20);
}
