// SPDX-License-Identifier: MIT
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <thread>

#include "document/document.h"
#include "document/preamble.h"
#include "shipper_bench.h"
#include "shipping/shipper.h"
#include "support/full_disk.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::BulkLine;
using test::FakeBulk;
using test::HttpStub;
using test::LogCapture;
using test::StubReply;
using test::StubRequest;
using test::TempDir;

namespace {

/// In the documents of a machine that does not know whether its clock is right.
const std::string unsure = R"("clock":"unsynchronised")";

/// The machine's, but that its wall clock can be set.
class SettableClock final : public Clock {
  public:
    WallTime wall_now() const override { return clock_.wall_now() + shift_.load(); }
    SteadyTime steady_now() const override { return clock_.steady_now(); }
    bool wait_until(SteadyTime when, const std::stop_token& stop) const override {
        return clock_.wait_until(when, stop);
    }
    bool synchronised() const override { return true; }
    void set_by(std::chrono::seconds step) { shift_ = shift_.load() + step; }

  private:
    SystemClock clock_;
    std::atomic<std::chrono::seconds> shift_{0s};
};

/// A logger that samples rack1-pdu, and a server that another one can write to as well.
struct Bench {
    SettableClock clock;
    TempDir folder;
    FakeBulk fake;
    HttpStub stub{[this](const StubRequest& request) { return fake(request); }};
    std::unique_ptr<Spool> spool;
    std::unique_ptr<Shipper> shipper;
    Timestamp last;

    Bench() { start(); }
    /// The process starts, again too.
    void start(std::vector<ServerUrl> servers = {}) {
        shipper.reset();
        spool.reset();
        auto opened = Spool::open({.directory = folder.path() / "spool"}, clock);
        REQUIRE(opened);
        spool = std::move(*opened);
        servers.push_back(*ServerUrl::parse(stub.url(), false));
        auto sender = BulkSender::open({.servers = servers}, clock);
        REQUIRE(sender);
        const ShipperTimes times{.pause = 20ms, .gathering = 0ms, .backoff = {1ms, 2ms, 20ms}};
        shipper =
            std::make_unique<Shipper>(*spool, std::move(*sender), BatchLimits{}, clock, times);
        last = to_timestamp(clock.wall_now());
    }
    /// A millisecond that nothing was sampled in.
    Timestamp next_moment() {
        while (to_timestamp(clock.wall_now()) <= last) {
        }
        return last = to_timestamp(clock.wall_now());
    }
    static std::string json_of(Timestamp time, const std::string& event) {
        return R"({"@timestamp":")" + format_time(time) +
               R"(","device":{"id":"rack1-pdu"},"event":{)" + event + "}}";
    }
    Timestamp sample(const std::string& event = {}) {
        const auto time = next_moment();
        Entry entry;
        entry.stream = "rack1-pdu";
        entry.time = time;
        entry.documents.push_back({metric_id("rack1-pdu", "powerwalker.pdu", 0, time),
                                   index_name(Family::metrics, time), json_of(time, event)});
        REQUIRE(spool->append(std::move(entry)));
        return time;
    }
    /// It is on the server, whoever brought it there.
    void is_stored(Timestamp time, const std::string& event = {}) {
        fake.change([&](FakeBulk& server) { server.store("{}\n" + json_of(time, event) + "\n"); });
    }
    NextStep ship() { return shipper->drain(clock.steady_now() + 20s, {}).last; }
    /// Of this process, after all was shipped.
    std::uint64_t conflicts() {
        CHECK(ship() == NextStep::go_on);
        CHECK(spool->info().pending_documents == 0);
        const auto status = shipper->status();
        const auto found = status.conflicts.find("rack1-pdu");
        return found == status.conflicts.end() ? 0 : found->second.documents;
    }
    /// As the daemon does it, after `pwlog spool retry`; once only.
    void ship_retried() {
        REQUIRE(shipper->start());
        shipper->look_again();
        const auto deadline = clock.steady_now() + 20s;
        while (spool->info().pending_documents > 0) {
            REQUIRE(clock.steady_now() < deadline);
            std::this_thread::yield();
        }
        shipper->stop(1s);
    }
    /// What waits is stored, and the process ends before it knows.
    void ship_to_a_sudden_end() {
        std::stop_source stop;
        fake.bulk = [&](std::size_t, const StubRequest& request) {
            fake.store(request.body);
            stop.request_stop();
            return std::optional(StubReply{.end = StubReply::End::hold, .cut_after = 0});
        };
        (void)shipper->drain(clock.steady_now() + 20s, stop.get_token());
        fake.change([](FakeBulk& server) { server.bulk = nullptr; });
    }
    /// The first bulk request is stored, and this becomes of its answer.
    void lose_first_answer(std::size_t bytes_sent, StubReply::End end = StubReply::End::reset) {
        fake.bulk = [this, bytes_sent, end, done = false](
                        std::size_t,
                        const StubRequest& request) mutable -> std::optional<StubReply> {
            if (std::exchange(done, true)) {
                return std::nullopt;
            }
            auto reply = fake.store(request.body);
            reply.cut_after = bytes_sent;
            reply.end = end;
            return reply;
        };
    }
};

}  // namespace

TEST_CASE("what another logger had stored under our identity is told, counted and put aside",
          "[agent]") {
    Bench bench;
    bench.sample();
    CHECK(bench.conflicts() == 0);
    const LogCapture log;
    const auto first = bench.sample();
    bench.is_stored(first);
    CHECK(bench.conflicts() == 1);
    bench.is_stored(bench.sample());
    bench.sample();
    CHECK(bench.conflicts() == 2);
    CHECK(log.text().find("another logger writes documents of device.id rack1-pdu") !=
          std::string::npos);
    CHECK(log.lines() == 1);
    const auto rejects = bench.spool->rejects({}, 10);
    REQUIRE(rejects);
    REQUIRE(rejects->size() == 2);
    CHECK(rejects->front().json == Bench::json_of(first, ""));
    CHECK(rejects->front().status == 409);
    CHECK(rejects->front().type == conflict_type);
    const auto info = bench.spool->info();
    CHECK(info.read == 4);
    CHECK(info.stored == 2);
    CHECK(info.rejected == 2);
    CHECK(info.duplicates == 0);

    // Tried again it is no news, and there as anybody can see.
    CHECK(bench.spool->retry_rejects() == 2);
    bench.ship_retried();
    CHECK(bench.shipper->status().conflicts.at("rack1-pdu").documents == 2);
    CHECK(bench.spool->info().duplicates == 2);
}

TEST_CASE("what was sent from here before is no sign of another logger", "[agent]") {
    Bench bench;
    bench.sample();
    SECTION("its answer was cut") {
        bench.lose_first_answer(150);
        CHECK(bench.conflicts() == 0);
        CHECK(bench.spool->info().duplicates == 1);
    }
    SECTION("libcurl sent it twice, as the kept connection died before the answer") {
        REQUIRE(bench.conflicts() == 0);  // opens it
        bench.sample();
        bench.lose_first_answer(0, StubReply::End::close);
        CHECK(bench.conflicts() == 0);
        CHECK(bench.shipper->status().requests == 2);  // no third of ours
        CHECK(bench.fake.bulk_requests() == 3);
        CHECK(bench.spool->info().duplicates == 1);
    }
    SECTION("its answer was lost, and it went to the next host of the cluster") {
        const HttpStub other([&](const StubRequest& request) { return bench.fake(request); });
        bench.start({*ServerUrl::parse(other.url(), false)});
        bench.sample();
        bench.lose_first_answer(150);
        CHECK(bench.conflicts() == 0);
        CHECK(bench.shipper->status().host == bench.stub.url());
        CHECK(bench.spool->info().duplicates == 2);
    }
    SECTION("the process ended before it was booked") {
        bench.ship_to_a_sudden_end();
        bench.start();
        bench.sample();
        CHECK(bench.conflicts() == 0);
        CHECK(bench.spool->info().duplicates == 1);
    }
    SECTION("a power cut took back that it was booked, and the entries after it") {
        REQUIRE(bench.spool->flush());
        const auto saved = bench.folder.path() / "saved";
        std::filesystem::copy(bench.folder.path() / "spool", saved);
        bench.sample();
        CHECK(bench.conflicts() == 0);
        bench.shipper.reset();
        bench.spool.reset();
        std::filesystem::remove_all(bench.folder.path() / "spool");
        std::filesystem::rename(saved, bench.folder.path() / "spool");
        bench.start();
        bench.sample();  // has the number of the one that is gone
        CHECK(bench.conflicts() == 0);
        CHECK(bench.spool->info().duplicates == 1);
        CHECK(bench.spool->info().stored == 1);
    }
    SECTION("the disk refused to book it, and only memory knew") {
        REQUIRE(bench.spool->flush());
        {
            const test::FullDisk full;
            CHECK(bench.ship() == NextStep::go_on);
            bench.start();
        }
        bench.sample();
        CHECK(bench.conflicts() == 0);
        CHECK(bench.spool->info().duplicates == 1);
    }
    SECTION("it was sent from memory, and got another number in the file") {
        {
            const test::FullDisk full;
            bench.sample();
            bench.ship_to_a_sudden_end();
            CHECK(bench.fake.stored().size() == 2);
        }
        REQUIRE(bench.spool->flush());
        CHECK(bench.conflicts() == 0);
        CHECK(bench.spool->info().duplicates == 2);
    }
}

TEST_CASE("a reject that is tried again is no sign of another logger", "[agent]") {
    Bench bench;
    bench.fake.status_of = [](const BulkLine&) { return 400; };
    const auto time = bench.sample();
    CHECK(bench.ship() == NextStep::go_on);
    CHECK(bench.spool->info().rejected == 1);
    bench.fake.change([](FakeBulk& fake) { fake.status_of = nullptr; });
    bench.is_stored(time);  // by hand, from `pwlog spool rejects`
    SECTION("by the same process") {}
    SECTION("by the next one") { bench.start(); }
    CHECK(bench.spool->retry_rejects() == 1);
    bench.ship_retried();
    CHECK(bench.conflicts() == 0);
    CHECK(bench.spool->info().duplicates == 1);
}

TEST_CASE("what was backfilled before it was shipped is no sign of another logger", "[agent]") {
    Bench bench;
    SECTION("from the spool itself") {
        const auto first = bench.sample();
        const auto second = bench.sample();
        std::size_t exported = 0;
        REQUIRE(bench.spool->export_entries(Timestamp(), second + 1ms, [&](const Entry& entry) {
            exported += entry.documents.size();
            return true;
        }));
        REQUIRE(exported == 2);
        bench.is_stored(first);
        bench.is_stored(second);
        CHECK(bench.conflicts() == 0);
        CHECK(bench.spool->info().duplicates == 2);
        bench.is_stored(bench.sample());  // and what was sampled since is one
        CHECK(bench.conflicts() == 1);
    }
    SECTION("from a recording, while the server was away") {
        const auto time = bench.sample();
        bench.clock.set_by(90s);
        bench.is_stored(time);
        CHECK(bench.conflicts() == 0);
        CHECK(bench.spool->info().duplicates == 1);
    }
}

TEST_CASE("a clock that is not sure is no witness against another logger", "[agent]") {
    Bench bench;
    SECTION("it is behind, so that times come again of which a power cut took the samples") {
        bench.sample();
        CHECK(bench.conflicts() == 0);
        bench.start();
        bench.is_stored(bench.sample(unsure), unsure);
        CHECK(bench.conflicts() == 0);
        CHECK(bench.spool->info().duplicates == 1);
        bench.clock.set_by(91s);  // beyond what can be lost it has come
        bench.is_stored(bench.sample(unsure), unsure);
        CHECK(bench.conflicts() == 1);
        return;
    }
    SECTION("but where nothing can be lost it is one") {
        bench.is_stored(bench.sample(unsure), unsure);
        CHECK(bench.conflicts() == 1);
        return;
    }
    SECTION("it stepped back: an earlier process may have had that time") {
        bench.sample();
        CHECK(bench.conflicts() == 0);
        bench.clock.set_by(-30s);
        bench.last = to_timestamp(bench.clock.wall_now());
        bench.is_stored(bench.sample());
    }
    SECTION("it went back while nothing ran") {
        bench.sample();
        CHECK(bench.conflicts() == 0);
        bench.clock.set_by(-30s);
        bench.start();
        bench.is_stored(bench.sample());
    }
    CHECK(bench.conflicts() == 0);
    CHECK(bench.spool->info().duplicates == 1);
}
