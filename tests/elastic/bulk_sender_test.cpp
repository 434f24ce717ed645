// SPDX-License-Identifier: MIT
#include "elastic/bulk_sender.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bulk_bench.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

TEST_CASE("a batch is stored, and the second time each document is a duplicate", "[elastic]") {
    BulkBench bench;
    auto sender = bench.sender();
    const Documents documents(10);
    auto report = sender.send(views(documents.all));
    CHECK(report.next == NextStep::go_on);
    CHECK(report.problem.empty());
    CHECK(count(report, F::stored) == 10);
    CHECK(report.requests == 1);
    CHECK(sender.known_good());
    report = sender.send(views(documents.all));
    CHECK(count(report, F::duplicate) == 10);
    CHECK(bench.fake.stored().size() == 10);
}

TEST_CASE("server and index are asked about once, before the first document", "[elastic]") {
    BulkBench bench;
    auto sender = bench.sender();
    const Documents documents(3);
    sender.send(views(documents.all));
    sender.send(views(documents.all));
    const auto requests = bench.stubs[0]->requests();
    REQUIRE(requests.size() == 4);
    CHECK(requests[0].target == "/");
    CHECK(requests[1].target.starts_with("/" + metrics + "/_mapping"));
    CHECK(requests[2].target.starts_with("/_bulk?"));
    CHECK(requests[3].target.starts_with("/_bulk?"));
    CHECK(requests[3].connection == 0);
}

TEST_CASE("an id of ours is sent where the index is of the standard mode only", "[elastic]") {
    BulkBench bench;
    bench.fake.index_mode = GENERATE("time_series", "standard");
    auto sender = bench.sender();
    sender.send(views(Documents(1).all));
    const auto lines = test::lines_of(bench.stubs[0]->requests().back().body);
    CHECK((lines.at(0).action.find("\"_id\":\"id-0\"") != std::string::npos) ==
          (bench.fake.index_mode == "standard"));
}

TEST_CASE("refused documents are singled out with their reason, the others stored", "[elastic]") {
    BulkBench bench;
    bench.fake.status_of = [](const BulkLine& line) { return holds(line, "\"n\":3,") ? 400 : 201; };
    auto sender = bench.sender();
    const auto report = sender.send(views(Documents(5).all));
    CHECK(report.outcomes ==
          std::vector<F>{F::stored, F::stored, F::stored, F::rejected, F::stored});
    REQUIRE(report.refusals.size() == 1);
    CHECK(report.refusals[0].position == 3);
    CHECK(report.refusals[0].status == 400);
    CHECK(report.refusals[0].reason == "because");
    CHECK(report.next == NextStep::go_on);
}

TEST_CASE("items that the server has no room for are kept, and nothing more is sent", "[elastic]") {
    BulkBench bench;
    const int status = GENERATE(429, 408);
    bench.fake.status_of = [=](const BulkLine& line) {
        return holds(line, "\"n\":1,") ? status : 201;
    };
    auto sender = bench.sender({.limits = {.documents = 3}});
    const auto report = sender.send(views(Documents(6).all));
    CHECK(report.outcomes ==
          std::vector<F>{F::stored, F::kept, F::stored, F::kept, F::kept, F::kept});
    CHECK(report.next == NextStep::retry);
    CHECK(report.requests == 1);
    CHECK_FALSE(sender.known_good());
}

TEST_CASE("after a pause server and templates are asked about again", "[elastic]") {
    BulkBench bench;
    bench.fake.bulk = [](std::size_t number, const StubRequest&) {
        return number == 0 ? std::optional(StubReply{.status = 403, .body = "{}"}) : std::nullopt;
    };
    auto sender = bench.sender();
    const Documents documents(1);
    CHECK(sender.send(views(documents.all)).next == NextStep::pause);
    CHECK(sender.send(views(documents.all)).next == NextStep::go_on);
    CHECK(bench.stubs[0]->requests().size() == 6);
}

TEST_CASE("nothing is sent where the template is missing or the server another", "[elastic]") {
    const auto [target, reply, words] = GENERATE(table<std::string, StubReply, std::string>({
        {"/" + metrics, StubReply{.body = "{}"}, "is not pwlog's"},
        {"/", StubReply{.body = "hello"}, "neither Elasticsearch nor OpenSearch"},
        {"/", StubReply{.status = 401, .body = "{}"}, "HTTP 401"},
    }));
    BulkBench bench;
    bench.fake.other = [&, path = target, odd = reply](const StubRequest& request) {
        return request.target == path || request.target.starts_with(path + "/") ? std::optional(odd)
                                                                                : std::nullopt;
    };
    auto sender = bench.sender();
    const auto report = sender.send(views(Documents(2).all));
    const bool is_template = target != "/";
    CHECK(report.next == (is_template ? NextStep::go_on : NextStep::pause));
    CHECK(report.problem.find(words) != std::string::npos);
    CHECK(report.templates_missing == is_template);
    CHECK(count(report, F::kept) == 2);
    CHECK(bench.fake.bulk_requests() == 0);
}

TEST_CASE("a document that breaks the protocol is refused and not sent", "[elastic]") {
    BulkBench bench;
    auto sender = bench.sender();
    Documents documents(3);
    documents.all[1].json = "{}\n{}";
    const auto report = sender.send(views(documents.all));
    CHECK(report.outcomes == std::vector<F>{F::stored, F::rejected, F::stored});
    CHECK(report.refusals.at(0).type == "invalid_document");
    CHECK(bench.fake.stored().size() == 2);
}

TEST_CASE("a stop ends a batch at once and keeps what is not proved", "[elastic]") {
    BulkBench bench;
    std::stop_source source;
    bench.fake.bulk = [&](std::size_t number, const StubRequest&) {
        if (number == 0) {
            return std::optional<StubReply>();
        }
        source.request_stop();
        return std::optional(StubReply{.end = StubReply::End::hold, .cut_after = 0});
    };
    auto sender = bench.sender({.limits = {.documents = 2}});
    const auto report = sender.send(views(Documents(6).all), source.get_token());
    CHECK(report.next == NextStep::stopped);
    CHECK(report.outcomes ==
          std::vector<F>{F::stored, F::stored, F::kept, F::kept, F::kept, F::kept});
}

TEST_CASE("documents in the failure store are counted", "[elastic]") {
    BulkBench bench;
    bench.fake.bulk = [](std::size_t, const StubRequest&) {
        return StubReply{
            .body =
                R"({"errors":false,"items":[{"create":{"status":201,"failure_store":"used"}}]})"};
    };
    const auto report = bench.sender().send(views(Documents(1).all));
    CHECK(count(report, F::stored) == 1);
    CHECK(report.in_failure_store == 1);
}

TEST_CASE("a host of another cluster gets nothing, until no host is of the old one", "[elastic]") {
    BulkBench first;
    BulkBench second;
    const auto is_of = [](FakeBulk& fake, const std::string& cluster) {
        fake.other = [cluster](const StubRequest& request) {
            return request.target == "/"
                       ? std::optional(StubReply{
                             .body = R"({"version":{"number":"8.19.21"},"cluster_uuid":")" +
                                     cluster + "\"}"})
                       : std::nullopt;
        };
    };
    is_of(first.fake, "one");
    is_of(second.fake, "two");
    SenderOptions options;
    options.servers = {*ServerUrl::parse(first.stubs[0]->url(), false),
                       *ServerUrl::parse(second.stubs[0]->url(), false)};
    auto sender = BulkSender::open(options, first.clock);
    REQUIRE(sender);
    const Documents documents(10);
    const auto refuse = [&](bool refused) {
        first.fake.change([refused](FakeBulk& fake) {
            fake.bulk = [refused](std::size_t, const StubRequest&) {
                return refused ? std::optional(StubReply{.status = 503, .body = "{}"})
                               : std::nullopt;
            };
        });
    };
    refuse(true);
    auto report = sender->send(views(documents.all));
    CHECK(report.next != NextStep::go_on);
    CHECK(second.fake.bulk_requests() == 0);
    CHECK(sender->cluster_notice().find(second.stubs[0]->url()) != std::string::npos);
    SECTION("the good host comes back") {
        refuse(false);
        report = sender->send(views(documents.all));
        CHECK(count(report, F::stored) == 10);
        CHECK(second.fake.bulk_requests() == 0);
    }
    SECTION("the cluster was made anew") {
        refuse(false);
        first.fake.change([&](FakeBulk& fake) { is_of(fake, "two"); });
        report = sender->send(views(documents.all));
        CHECK(count(report, F::stored) == 10);
        CHECK(sender->cluster_notice().find("before one") != std::string::npos);
    }
}
