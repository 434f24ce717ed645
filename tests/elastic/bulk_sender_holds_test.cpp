// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bulk_bench.h"
#include "elastic/bulk_sender.h"
#include "support/hand_clock.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

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
        return sender.send(std::vector{DocumentView::of(document)});
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

TEST_CASE("a refusal that is the index's state holds its documents, and those of no other",
          "[elastic]") {
    BulkBench bench;
    const auto [status, type] = GENERATE(table<int, std::string>({
        {401, "security_exception"},
        {403, "cluster_block_exception"},
        {429, "cluster_block_exception"},
        {404, "index_not_found_exception"},
        {400, "validation_exception"},
        {400, "index_closed_exception"},
        {503, "unavailable_shards_exception"},
        {500, "null_pointer_exception"},
        {400, "some_exception_of_next_year"},
        {299, ""},
    }));
    bench.fake.type = type;
    bench.fake.status_of = [code = status](const BulkLine& line) {
        return line.action.find(october) != std::string::npos ? code : 201;
    };
    auto sender = bench.sender({.holds = {.first = 1h}});
    Documents documents(9);
    for (const std::size_t i : {0U, 2U, 3U, 5U, 7U}) {
        documents.all[i].index = october;
    }
    auto report = sender.send(views(documents.all));
    CHECK(report.next == NextStep::go_on);
    CHECK(count(report, F::kept) == 5);
    CHECK(count(report, F::stored) == 4);
    CHECK(report.refusals.empty());
    CHECK(report.problem.find(october + " accepts no documents: ") == 0);
    CHECK(report.problem.find(std::to_string(status)) != std::string::npos);
    const auto requests = bench.fake.bulk_requests();
    report = sender.send(views(documents.all));
    CHECK(count(report, F::kept) == 5);
    CHECK(bench.fake.bulk_requests() == requests + 1);
    CHECK(test::lines_of(bench.stubs[0]->requests().back().body).size() == 4);
}

TEST_CASE("a held index is tried with one document, and goes on when that is taken", "[elastic]") {
    BulkBench bench;
    bench.fake.status_of = [](const BulkLine&) { return 403; };
    auto sender = bench.sender({.holds = {.first = 1ms, .longest = 2ms}});
    const Documents documents(5);
    CHECK(count(sender.send(views(documents.all)), F::kept) == 5);
    const auto probe = [&] {
        while (sender.holds().next_try() > bench.clock.steady_now()) {
        }
        return sender.send(views(documents.all));
    };
    CHECK(count(probe(), F::kept) == 5);
    CHECK(test::lines_of(bench.stubs[0]->requests().back().body).size() == 1);
    bench.fake.change([](FakeBulk& fake) { fake.status_of = nullptr; });
    const auto report = probe();
    CHECK(count(report, F::stored) == 1);
    CHECK(count(report, F::kept) == 4);
    CHECK(sender.holds().empty());
    CHECK(count(sender.send(views(documents.all)), F::stored) == 4);
}

TEST_CASE("a document refused for a reason that nobody knows is held alone where others are taken",
          "[elastic]") {
    BulkBench bench;
    bench.fake.type = "some_exception_of_next_year";
    bench.fake.status_of = [](const BulkLine& line) { return holds(line, "\"n\":3,") ? 400 : 201; };
    auto sender = bench.sender({.holds = {.first = 1h}});
    const Documents documents(5);
    const auto report = sender.send(views(documents.all));
    CHECK(report.outcomes == std::vector<F>{F::stored, F::stored, F::stored, F::kept, F::stored});
    CHECK(report.problem.find("does not take the document id-3: ") != std::string::npos);
    CHECK(count(sender.send(views(documents.all)), F::duplicate) == 4);
    sender.hurry();
    bench.fake.change([](FakeBulk& fake) { fake.status_of = nullptr; });
    CHECK(count(sender.send(views(documents.all)), F::stored) == 1);
    CHECK(sender.holds().empty());
}

TEST_CASE("a missing template holds its index alone", "[elastic]") {
    BulkBench bench;
    bench.fake.other = [](const StubRequest& request) {
        return request.target.starts_with("/" + october) ? std::optional(StubReply{.body = "{}"})
                                                         : std::nullopt;
    };
    auto sender = bench.sender();
    Documents documents(4);
    documents.all[0].index = documents.all[2].index = october;
    const auto report = sender.send(views(documents.all));
    CHECK(report.outcomes == std::vector<F>{F::kept, F::stored, F::kept, F::stored});
    CHECK(report.templates_missing);
    CHECK(bench.fake.bulk_requests() == 1);
}
