// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "shipper_bench.h"
#include "shipping/shipper.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::FakeBulk;
using test::LogCapture;
using test::ShipperBench;
using test::StubReply;
using test::StubRequest;

namespace {

/// From now on the fake says that it is of this cluster.
void say_cluster(FakeBulk& fake, const std::string& uuid) {
    fake.other = [uuid](const StubRequest& request) {
        return request.target == "/"
                   ? std::optional(
                         StubReply{.body = R"({"version":{"number":"8.19.21"},"cluster_uuid":")" +
                                           uuid + "\"}"})
                   : std::nullopt;
    };
}

/// What a process logs that finds the spool as the one before left it, and ships ten documents.
std::string log_of_a_run(ShipperBench& bench) {
    bench.spool.reset();
    bench.spool = bench.open_spool();
    bench.append(10);
    const LogCapture log;
    const auto shipper = bench.shipper();
    CHECK(shipper->drain(bench.clock.steady_now() + 20s, {}).last == NextStep::go_on);
    CHECK(bench.spool->info().pending_documents == 0);
    return log.text();
}

}  // namespace

TEST_CASE("a cluster that was swapped between two runs is told, once", "[agent]") {
    ShipperBench bench;
    bench.fake.change([](FakeBulk& fake) { say_cluster(fake, "one"); });
    CHECK(log_of_a_run(bench).find("another cluster") == std::string::npos);
    CHECK(log_of_a_run(bench).find("another cluster") == std::string::npos);
    bench.fake.change([](FakeBulk& fake) { say_cluster(fake, "two"); });
    CHECK(
        log_of_a_run(bench).find("is another cluster than before (cluster_uuid two, before one)") !=
        std::string::npos);
    CHECK(log_of_a_run(bench).find("another cluster") == std::string::npos);
    bench.check_books(40);
}

TEST_CASE("a server that does not say its cluster is no other one", "[agent]") {
    ShipperBench bench;
    bench.fake.change([](FakeBulk& fake) { say_cluster(fake, "one"); });
    log_of_a_run(bench);
    bench.fake.change([](FakeBulk& fake) { fake.other = nullptr; });
    CHECK(log_of_a_run(bench).find("another cluster") == std::string::npos);
    bench.fake.change([](FakeBulk& fake) { say_cluster(fake, "one"); });
    CHECK(log_of_a_run(bench).find("another cluster") == std::string::npos);
}

TEST_CASE("after a restart, too, a host of another cluster gets nothing while the old one is known",
          "[agent]") {
    ShipperBench bench;
    bench.fake.change([](FakeBulk& fake) { say_cluster(fake, "one"); });
    log_of_a_run(bench);
    FakeBulk other;
    say_cluster(other, "two");
    const test::HttpStub stub([&](const StubRequest& request) { return other(request); });
    bench.spool.reset();
    bench.spool = bench.open_spool();
    bench.append(10);
    const LogCapture log;
    // The other one stands first in the hosts.
    const auto shipper = bench.shipper({.servers = {*ServerUrl::parse(stub.url(), false)}});
    CHECK(shipper->drain(bench.clock.steady_now() + 20s, {}).last == NextStep::go_on);
    CHECK(other.bulk_requests() == 0);
    CHECK(log.text().find(stub.url() +
                          " is of another cluster (cluster_uuid two) than the one that "
                          "is shipped to (one): it gets nothing") != std::string::npos);
    bench.check_books(20);
}

TEST_CASE("a sender that replaces another one knows the cluster that is shipped to", "[agent]") {
    ShipperBench bench;
    bench.fake.change([](FakeBulk& fake) { say_cluster(fake, "one"); });
    FakeBulk other;
    say_cluster(other, "two");
    const test::HttpStub stub([&](const StubRequest& request) { return other(request); });
    bench.append(10);
    const LogCapture log;
    const auto shipper = bench.shipper();
    REQUIRE(shipper->start());
    REQUIRE(bench.delivered());
    bench.append(10);  // nobody woke the shipper: the next sender ships it
    SenderOptions options;
    options.servers = {*ServerUrl::parse(stub.url(), false),
                       *ServerUrl::parse(bench.stub.url(), false)};
    auto sender = BulkSender::open(options, bench.clock);
    REQUIRE(sender);
    shipper->replace_sender(std::move(*sender), {});
    REQUIRE(bench.delivered());
    shipper->stop(1s);
    CHECK(other.bulk_requests() == 0);
    CHECK(log.text().find(stub.url() +
                          " is of another cluster (cluster_uuid two) than the one that "
                          "is shipped to (one): it gets nothing") != std::string::npos);
    bench.check_books(20);
}
