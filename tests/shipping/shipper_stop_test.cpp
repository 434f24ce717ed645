// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <future>
#include <string>

#include "shipper_bench.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::BulkLine;
using test::eventually;
using test::FakeBulk;
using test::ShipperBench;
using test::StubReply;
using test::StubRequest;
using State = ShipperStatus::State;

namespace {

std::optional<StubReply> silence(std::size_t, const StubRequest&) {
    return StubReply{.end = StubReply::End::hold, .cut_after = 0};
}

}  // namespace

TEST_CASE("what was committed just before the stop is still shipped", "[agent]") {
    ShipperBench bench;
    const auto shipper = bench.shipper();
    bench.append(10);
    REQUIRE(shipper->start());
    REQUIRE(bench.delivered());
    bench.append(10);  // nobody wakes the shipper
    shipper->stop(20s);
    bench.check_books(20);
    CHECK(bench.spool->info().pending_documents == 0);
}

TEST_CASE("a request in flight may still be answered when the stop comes", "[agent]") {
    ShipperBench bench;
    std::promise<void> stops;
    bench.fake.bulk = [&](std::size_t, const StubRequest& request) {
        stops.get_future().wait();  // the stop comes while the server works
        return std::optional(bench.fake.store(request.body));
    };
    bench.append(10);
    const auto shipper = bench.shipper();
    REQUIRE(shipper->start());
    REQUIRE(eventually([&] { return bench.stub.requests().size() == 3; }));
    stops.set_value();
    shipper->stop(20s);
    CHECK(bench.spool->info().stored == 10);
    CHECK(bench.fake.bulk_requests() == 1);
}

TEST_CASE("a silent server does not hold up the stop", "[agent]") {
    ShipperBench bench;
    bench.fake.bulk = silence;
    bench.append(10);
    const auto shipper = bench.shipper();
    REQUIRE(shipper->start());
    REQUIRE(eventually([&] { return bench.fake.bulk_requests() == 1; }));
    const auto begin = bench.clock.steady_now();
    shipper->stop(200ms);
    CHECK(bench.clock.steady_now() - begin < 10s);  // a request may take 55 s
    CHECK(bench.spool->info().pending_documents == 10);
}

TEST_CASE("a server in trouble is not tried again by the stop", "[agent]") {
    ShipperBench bench;
    bench.fake.bulk = [](std::size_t, const StubRequest&) {
        return StubReply{.status = 503, .body = "{}"};
    };
    bench.append(10);
    const auto shipper = bench.shipper({}, true);
    REQUIRE(shipper->start());
    REQUIRE(eventually([&] { return shipper->status().state == State::retrying; }));
    const auto requests = bench.fake.bulk_requests();
    const auto begin = bench.clock.steady_now();
    shipper->stop(
        20s);  // it sleeps in a back-off of at least a second, or five minutes of idleness
    CHECK(bench.clock.steady_now() - begin < 10s);
    CHECK(bench.fake.bulk_requests() == requests);
    CHECK(bench.spool->info().pending_documents == 10);
}

TEST_CASE("a shipper that is destroyed, or never started, ends too", "[agent]") {
    ShipperBench bench;
    bench.fake.bulk = silence;
    bench.append(10);
    {
        const auto never_started = bench.shipper();
        never_started->stop(1s);
    }
    const auto shipper = bench.shipper();
    REQUIRE(shipper->start());
    REQUIRE(eventually([&] { return bench.fake.bulk_requests() == 1; }));
}

TEST_CASE("drain ships all that is pending", "[agent]") {
    ShipperBench bench;
    for (int i = 0; i < 250; ++i) {
        bench.append(10);
    }
    const auto result = bench.shipper()->drain(bench.clock.steady_now() + 20s, {});
    CHECK(result.last == NextStep::go_on);
    CHECK(result.problem.empty());
    CHECK(result.rejected == 0);
    bench.check_books(2500);
    CHECK(bench.spool->info().pending_documents == 0);
}

TEST_CASE("drain tells how many documents were refused", "[agent]") {
    ShipperBench bench;
    bench.fake.status_of = [](const BulkLine& line) {
        return line.document == "{\"n\":3}" ? 400 : 201;
    };
    bench.append(10);
    const auto result = bench.shipper()->drain(bench.clock.steady_now() + 20s, {});
    CHECK(result.last == NextStep::go_on);
    CHECK(result.rejected == 1);
}

TEST_CASE("drain gets over a short trouble", "[agent]") {
    ShipperBench bench;
    bench.fake.bulk = [](std::size_t number, const StubRequest&) {
        return number < 2 ? std::optional(StubReply{.status = 503, .body = "{}"}) : std::nullopt;
    };
    bench.append(10);
    CHECK(bench.shipper()->drain(bench.clock.steady_now() + 20s, {}).last == NextStep::go_on);
    bench.check_books(10);
}

TEST_CASE("drain gives up on a server that stays away, and keeps all", "[agent]") {
    ShipperBench bench;
    bench.fake.bulk = [](std::size_t, const StubRequest&) {
        return StubReply{.status = 503, .body = "{}"};
    };
    bench.append(10);
    const auto result = bench.shipper()->drain(bench.clock.steady_now() + 60s, {});
    CHECK(result.last == NextStep::retry);
    CHECK(result.problem.find("503") != std::string::npos);
    CHECK(bench.fake.bulk_requests() == 3);
    CHECK(bench.spool->info().pending_documents == 10);
}

TEST_CASE("drain does not wait where a person has to act", "[agent]") {
    ShipperBench bench;
    bench.fake.bulk = [](std::size_t, const StubRequest&) {
        return StubReply{.status = 403, .body = "{}"};
    };
    bench.append(10);
    const auto result = bench.shipper({}, true)->drain(bench.clock.steady_now() + 60s, {});
    CHECK(result.last == NextStep::pause);
    CHECK(bench.fake.bulk_requests() == 1);
}

TEST_CASE("drain ends at its deadline, and at a stop", "[agent]") {
    ShipperBench bench;
    bench.fake.bulk = silence;
    bench.append(10);
    const auto late = bench.shipper()->drain(bench.clock.steady_now() + 300ms, {});
    CHECK(late.last == NextStep::retry);
    CHECK_FALSE(late.problem.empty());
    std::stop_source source;
    source.request_stop();
    CHECK(bench.shipper()->drain(bench.clock.steady_now() + 60s, source.get_token()).last ==
          NextStep::stopped);
    CHECK(bench.spool->info().pending_documents == 10);
}
