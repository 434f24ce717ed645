// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bulk_bench.h"
#include "elastic/bulk_sender.h"
#include "support/hand_clock.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::BulkBench;
using test::BulkLine;
using test::count;
using test::FakeBulk;
using test::HandClock;
using test::metrics;
using test::StubReply;
using test::StubRequest;

namespace {

constexpr auto first_wait = 1ms;

/// A server that stays up and is known to the sender, and whose index is gone since.
struct GoneIndexBench {
    BulkBench bench;
    HandClock clock;
    BulkSender sender = open();

    GoneIndexBench() {
        CHECK(count(send(0), Outcome::stored) == 1);
        CHECK_FALSE(last_sent_with_id());
        bench.fake.change([](FakeBulk& fake) {
            fake.type = "index_not_found_exception";
            fake.status_of = [](const BulkLine&) { return 404; };
        });
        const auto held = send(1);
        CHECK(held.next == NextStep::go_on);
        CHECK(count(held, Outcome::kept) == 1);
        CHECK_FALSE(held.templates_missing);
        CHECK(bench.fake.bulk_requests() == 2);
        clock.wind(first_wait);
    }
    SendReport send(int number) {
        const auto digits = std::to_string(number);
        const Document document{"id-" + digits, metrics, "{\"n\":" + digits + "}"};
        return sender.send(std::vector{&document});
    }
    bool last_sent_with_id() const {
        const auto lines = test::lines_of(bench.stubs[0]->requests().back().body);
        return lines.at(0).action.find("\"_id\":\"") != std::string::npos;
    }

  private:
    BulkSender open() {
        SenderOptions options;
        options.servers = {*ServerUrl::parse(bench.stubs[0]->url(), false)};
        options.holds = {.first = first_wait};
        auto opened = BulkSender::open(options, clock);
        REQUIRE(opened);
        return std::move(*opened);
    }
};

}  // namespace

TEST_CASE("an index that is gone with its template gets nothing, though the host stayed up",
          "[elastic]") {
    GoneIndexBench gone;
    // A document would make it anew, in whatever mapping the server guesses.
    gone.bench.fake.change([](FakeBulk& fake) {
        fake.status_of = nullptr;
        fake.other = [](const StubRequest& request) {
            return request.target.find("_mapping") != std::string::npos
                       ? std::optional(StubReply{.status = 404, .body = "{}"})
                       : std::optional(StubReply{.body = "{}"});
        };
    });
    const auto report = gone.send(1);
    CHECK(count(report, Outcome::kept) == 1);
    CHECK(report.templates_missing);
    CHECK(report.problem.find("run `pwlog setup`") != std::string::npos);
    CHECK(gone.bench.fake.bulk_requests() == 2);
}

TEST_CASE("an index that comes back in the other mode gets our ids", "[elastic]") {
    GoneIndexBench gone;
    gone.bench.fake.change([](FakeBulk& fake) {
        fake.status_of = nullptr;
        fake.index_mode = "standard";
    });
    CHECK(count(gone.send(1), Outcome::stored) == 1);
    CHECK(gone.last_sent_with_id());  // without them the next resend would be there twice
    CHECK(gone.sender.holds().empty());
}
