// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bulk_bench.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

const StubReply too_large{.status = 413, .body = "", .headers = {}, .end = StubReply::End::close};
const StubReply unreadable_request{.status = 400,
                                   .body = R"({"error":{"type":"parse_exception","reason":"no"}})"};
const StubReply bad_request{
    .status = 400, .body = R"({"error":{"type":"illegal_argument_exception","reason":"no"}})"};

struct SizedDocuments {
    std::vector<Document> all;

    explicit SizedDocuments(const std::vector<std::size_t>& sizes) {
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            all.push_back(
                {"an id", metrics,
                 "{\"n\":" + std::to_string(i) + ",\"p\":\"" + std::string(sizes[i], 'x') + "\"}"});
        }
    }
};

}  // namespace

TEST_CASE("413 halves the request until it fits, and the lower bound is remembered", "[elastic]") {
    BulkBench bench;
    bench.fake.bulk = [](std::size_t, const StubRequest& request) {
        return request.body.size() > 64 * 1024 ? std::optional(too_large) : std::nullopt;
    };
    std::vector<std::size_t> sizes(999, 600);
    sizes.insert(sizes.begin() + 500, 100'000);  // one beyond the bound by itself
    const SizedDocuments documents(sizes);
    auto sender = bench.sender();
    const auto report = sender.send(views(documents.all));
    CHECK(count(report, F::stored) == 999);
    CHECK(report.outcomes[500] == F::rejected);
    CHECK(report.refusals.at(0).status == 413);
    CHECK(report.requests < 40);
    CHECK(report.next == NextStep::go_on);

    const SizedDocuments more(std::vector<std::size_t>(999, 601));
    const auto second = sender.send(views(more.all));
    CHECK(count(second, F::stored) == 999);
    CHECK(second.requests <= 25);  // none of them too large again: 700 kB in pieces of 28 to 64 kB
}

TEST_CASE("a remembered bound grows again when it need not be", "[elastic]") {
    BulkBench bench;
    std::size_t longest = 0;
    bench.fake.bulk = [&](std::size_t number, const StubRequest& request) {
        longest = std::max(longest, number > 100 ? request.body.size() : 0);
        return number == 0 ? std::optional(too_large) : std::nullopt;
    };
    auto sender = bench.sender({.limits = {.documents = 1000, .bytes = 20'000}});
    const SizedDocuments documents(std::vector<std::size_t>(30, 600));
    const auto first_size = 30 * 640U;
    for (int i = 0; i < 300; ++i) {
        REQUIRE(sender.send(views(documents.all)).next == NextStep::go_on);
    }
    CHECK(longest > first_size * 9 / 10);
}

TEST_CASE("400 for the whole request singles out the document that caused it", "[elastic]") {
    BulkBench bench;
    // Its own fault, or nobody knows whose.
    const auto [reply, outcome] =
        GENERATE(table<StubReply, F>({{unreadable_request, F::rejected}, {bad_request, F::kept}}));
    bench.fake.bulk = [odd = reply](std::size_t, const StubRequest& request) {
        return request.body.find("\"n\":37,") != std::string::npos ? std::optional(odd)
                                                                   : std::nullopt;
    };
    const SizedDocuments documents(std::vector<std::size_t>(100, 10));
    auto sender = bench.sender();
    const auto report = sender.send(views(documents.all));
    CHECK(count(report, F::stored) == 99);
    CHECK(report.outcomes[37] == outcome);
    CHECK(report.requests < 2 * 8 + 1);
    CHECK(report.next == NextStep::go_on);
    if (outcome == F::rejected) {
        CHECK(report.refusals.at(0).status == 400);
        CHECK(report.refusals.at(0).reason.find("parse_exception: no") != std::string::npos);
    } else {
        CHECK(sender.holds().all().begin()->second.document == "an id");
    }
}

TEST_CASE("when all documents are refused few are put aside and the rest is kept", "[elastic]") {
    BulkBench bench;
    const bool whole = GENERATE(false, true);
    bench.fake.status_of = [](const BulkLine&) { return 400; };
    bench.fake.bulk = [=](std::size_t, const StubRequest&) {
        return whole ? std::optional(unreadable_request) : std::nullopt;
    };
    auto sender = bench.sender();
    const SizedDocuments documents(std::vector<std::size_t>(500, 10));
    const auto report = sender.send(views(documents.all));
    CHECK(count(report, F::rejected) == 20);
    CHECK(count(report, F::kept) == 480);
    CHECK(report.problem.find("the set-up is wrong") != std::string::npos);

    const auto all = views(documents.all);
    const auto kept = std::span(all).subspan(20);
    sender.hurry();
    CHECK(count(sender.send(kept), F::rejected) == 0);  // and no more at the next try
    bench.fake.change([](FakeBulk& fake) {
        fake.status_of = nullptr;
        fake.bulk = nullptr;
    });
    sender.hurry();
    CHECK(count(sender.send(kept), F::stored) == 1);  // the one that was tried
    CHECK(count(sender.send(kept), F::stored) == 479);
}

TEST_CASE("a server that refuses every request for an unknown reason gets few of them",
          "[elastic]") {
    BulkBench bench;
    bench.fake.bulk = [](std::size_t, const StubRequest&) { return std::optional(bad_request); };
    auto sender = bench.sender();
    const auto report = sender.send(views(SizedDocuments(std::vector<std::size_t>(500, 10)).all));
    CHECK(count(report, F::kept) == 500);
    CHECK(report.requests < 20);
}

TEST_CASE("some refused among many taken are no sign of a wrong set-up", "[elastic]") {
    BulkBench bench;
    bench.fake.status_of = [](const BulkLine& line) {
        return line.document.find("7,\"p\"") != std::string::npos ? 400 : 201;
    };
    auto sender = bench.sender();
    const SizedDocuments documents(std::vector<std::size_t>(500, 10));
    const auto report = sender.send(views(documents.all));
    CHECK(count(report, F::rejected) == 50);
    CHECK(count(report, F::stored) == 450);
    CHECK(report.next == NextStep::go_on);
}

TEST_CASE("a host that fails is left for the next within the same batch", "[elastic]") {
    BulkBench bench(3);
    const StubReply reply =
        GENERATE(StubReply{.status = 503, .body = "{}"},
                 StubReply{.body = "<html>", .headers = {"Content-Type: text/html"}},
                 StubReply{.end = StubReply::End::reset, .cut_after = 0});
    bench.fake.bulk = [&](std::size_t, const StubRequest& request) {
        const bool good = bench.stubs[2]->url().ends_with(request.headers.at("host"));
        return good ? std::nullopt : std::optional(reply);
    };
    auto sender = bench.sender();
    const SizedDocuments documents({1, 2, 3});
    const auto report = sender.send(views(documents.all));
    CHECK(report.next == NextStep::go_on);
    CHECK(count(report, F::stored) == 3);
    CHECK(report.requests == 3);
    CHECK(sender.host() == bench.stubs[2]->url());
    sender.send(views(documents.all));
    CHECK(sender.host() == bench.stubs[2]->url());  // and kept
    CHECK(bench.stubs[2]->requests().size() == 4);
}

TEST_CASE("a host that is not there is passed over", "[elastic]") {
    BulkBench bench(2);
    auto sender = bench.sender();
    const auto gone = bench.stubs[0]->url();
    bench.stubs[0].reset();
    const auto report = sender.send(views(SizedDocuments({1}).all));
    CHECK(report.next == NextStep::go_on);
    CHECK(sender.host() == bench.stubs[1]->url());
}

TEST_CASE("when no host answers the batch is kept, with one line why", "[elastic]") {
    BulkBench bench(2);
    auto sender = bench.sender();
    bench.stubs.clear();
    const auto report = sender.send(views(SizedDocuments({1}).all));
    CHECK(report.next == NextStep::retry);
    CHECK(report.requests == 0);
    CHECK(report.problem.find("(curl 7)") != std::string::npos);
}

TEST_CASE("429 is the cluster's, so no other host is tried", "[elastic]") {
    BulkBench bench(2);
    bench.fake.bulk = [](std::size_t, const StubRequest&) {
        return StubReply{.status = 429, .body = "{}"};
    };
    const auto report = bench.sender().send(views(SizedDocuments({1}).all));
    CHECK(report.next == NextStep::retry);
    CHECK(report.requests == 1);
    CHECK(bench.stubs[1]->requests().empty());
}

TEST_CASE("a server that cuts large requests off gets smaller ones", "[elastic]") {
    BulkBench bench;
    bench.fake.bulk = [](std::size_t, const StubRequest& request) {
        return request.body.size() > 100'000
                   ? std::optional(StubReply{.end = StubReply::End::reset, .cut_after = 0})
                   : std::nullopt;
    };
    auto sender = bench.sender();
    const SizedDocuments documents(std::vector<std::size_t>(500, 1000));
    auto left = views(documents.all);
    int tries = 0;
    for (; !left.empty() && tries < 20; ++tries) {
        const auto report = sender.send(left);
        std::vector<DocumentView> kept;
        for (std::size_t i = 0; i < left.size(); ++i) {
            if (report.outcomes[i] == F::kept) {
                kept.push_back(left[i]);
            }
        }
        left = kept;
    }
    CHECK(left.empty());
    CHECK(tries < 10);
}
