// SPDX-License-Identifier: MIT
#include "elastic/bulk_sender.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bulk_bench.h"
#include "support/pointers.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::BulkBench;
using test::BulkLine;
using test::count;
using test::FakeBulk;
using test::metrics;
using test::pointers;
using test::StubReply;
using test::StubRequest;
using F = Outcome;

namespace {

const std::string october = "powerwalker-metrics-2026.10";

/// Documents "{"n":0}", "{"n":1}" … for one index.
struct Documents {
    std::vector<Document> all;

    explicit Documents(std::size_t count, std::size_t padding = 0) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto number = std::to_string(i);
            all.push_back({"id-" + number, metrics,
                           "{\"n\":" + number + ",\"p\":\"" + std::string(padding, 'x') + "\"}"});
        }
    }
};

bool holds(const BulkLine& line, const std::string& text) {
    return line.document.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a batch is stored, and the second time each document is a duplicate", "[elastic]") {
    BulkBench bench;
    auto sender = bench.sender();
    const Documents documents(10);
    auto report = sender.send(pointers(documents.all));
    CHECK(report.next == NextStep::go_on);
    CHECK(report.problem.empty());
    CHECK(count(report, F::stored) == 10);
    CHECK(report.requests == 1);
    CHECK(sender.known_good());
    report = sender.send(pointers(documents.all));
    CHECK(count(report, F::duplicate) == 10);
    CHECK(bench.fake.stored().size() == 10);
}

TEST_CASE("server and index are asked about once, before the first document", "[elastic]") {
    BulkBench bench;
    auto sender = bench.sender();
    const Documents documents(3);
    sender.send(pointers(documents.all));
    sender.send(pointers(documents.all));
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
    sender.send(pointers(Documents(1).all));
    const auto lines = test::lines_of(bench.stubs[0]->requests().back().body);
    CHECK((lines.at(0).action.find("\"_id\":\"id-0\"") != std::string::npos) ==
          (bench.fake.index_mode == "standard"));
}

TEST_CASE("refused documents are singled out with their reason, the others stored", "[elastic]") {
    BulkBench bench;
    bench.fake.status_of = [](const BulkLine& line) { return holds(line, "\"n\":3,") ? 400 : 201; };
    auto sender = bench.sender();
    const auto report = sender.send(pointers(Documents(5).all));
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
    const auto report = sender.send(pointers(Documents(6).all));
    CHECK(report.outcomes ==
          std::vector<F>{F::stored, F::kept, F::stored, F::kept, F::kept, F::kept});
    CHECK(report.next == NextStep::retry);
    CHECK(report.requests == 1);
    CHECK_FALSE(sender.known_good());
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
    auto report = sender.send(pointers(documents.all));
    CHECK(report.next == NextStep::go_on);
    CHECK(count(report, F::kept) == 5);
    CHECK(count(report, F::stored) == 4);
    CHECK(report.refusals.empty());
    CHECK(report.problem.find(october + " accepts no documents: ") == 0);
    CHECK(report.problem.find(std::to_string(status)) != std::string::npos);
    const auto requests = bench.fake.bulk_requests();
    report = sender.send(pointers(documents.all));
    CHECK(count(report, F::kept) == 5);
    CHECK(bench.fake.bulk_requests() == requests + 1);
    CHECK(test::lines_of(bench.stubs[0]->requests().back().body).size() == 4);
}

TEST_CASE("a held index is tried with one document, and goes on when that is taken", "[elastic]") {
    BulkBench bench;
    bench.fake.status_of = [](const BulkLine&) { return 403; };
    auto sender = bench.sender({.holds = {.first = 1ms, .longest = 2ms}});
    const Documents documents(5);
    CHECK(count(sender.send(pointers(documents.all)), F::kept) == 5);
    const auto probe = [&] {
        while (sender.holds().next_try() > bench.clock.steady_now()) {
        }
        return sender.send(pointers(documents.all));
    };
    CHECK(count(probe(), F::kept) == 5);
    CHECK(test::lines_of(bench.stubs[0]->requests().back().body).size() == 1);
    bench.fake.change([](FakeBulk& fake) { fake.status_of = nullptr; });
    const auto report = probe();
    CHECK(count(report, F::stored) == 1);
    CHECK(count(report, F::kept) == 4);
    CHECK(sender.holds().empty());
    CHECK(count(sender.send(pointers(documents.all)), F::stored) == 4);
}

TEST_CASE("a document refused for a reason that nobody knows is held alone where others are taken",
          "[elastic]") {
    BulkBench bench;
    bench.fake.type = "some_exception_of_next_year";
    bench.fake.status_of = [](const BulkLine& line) { return holds(line, "\"n\":3,") ? 400 : 201; };
    auto sender = bench.sender({.holds = {.first = 1h}});
    const Documents documents(5);
    const auto report = sender.send(pointers(documents.all));
    CHECK(report.outcomes == std::vector<F>{F::stored, F::stored, F::stored, F::kept, F::stored});
    CHECK(report.problem.find("does not take the document id-3: ") != std::string::npos);
    CHECK(count(sender.send(pointers(documents.all)), F::duplicate) == 4);
    sender.hurry();
    bench.fake.change([](FakeBulk& fake) { fake.status_of = nullptr; });
    CHECK(count(sender.send(pointers(documents.all)), F::stored) == 1);
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
    const auto report = sender.send(pointers(documents.all));
    CHECK(report.outcomes == std::vector<F>{F::kept, F::stored, F::kept, F::stored});
    CHECK(report.templates_missing);
    CHECK(bench.fake.bulk_requests() == 1);
}

TEST_CASE("after a pause server and templates are asked about again", "[elastic]") {
    BulkBench bench;
    bench.fake.bulk = [](std::size_t number, const StubRequest&) {
        return number == 0 ? std::optional(StubReply{.status = 403, .body = "{}"}) : std::nullopt;
    };
    auto sender = bench.sender();
    const Documents documents(1);
    CHECK(sender.send(pointers(documents.all)).next == NextStep::pause);
    CHECK(sender.send(pointers(documents.all)).next == NextStep::go_on);
    CHECK(bench.stubs[0]->requests().size() == 6);
}

TEST_CASE("a request that fails as a whole keeps everything", "[elastic]") {
    const auto [status, next] = GENERATE(table<int, NextStep>({
        {401, NextStep::pause},
        {403, NextStep::pause},
        {404, NextStep::pause},
        {405, NextStep::pause},
        {406, NextStep::pause},
        {415, NextStep::pause},
        {302, NextStep::pause},
        {408, NextStep::retry},
        {429, NextStep::retry},
        {500, NextStep::retry},
        {502, NextStep::retry},
        {503, NextStep::retry},
        {504, NextStep::retry},
        {201, NextStep::pause},
        {204, NextStep::pause},
    }));
    CAPTURE(status);
    BulkBench bench;
    bench.fake.bulk = [code = status](std::size_t, const StubRequest&) {
        return StubReply{.status = code, .body = "{}"};
    };
    auto sender = bench.sender();
    const auto report = sender.send(pointers(Documents(3).all));
    CHECK(count(report, F::kept) == 3);
    CHECK(report.next == next);
    CHECK(report.problem.find(std::to_string(status)) != std::string::npos);
    CHECK(report.requests == 1);
}

TEST_CASE("a Retry-After is handed on, whichever status asks for another try", "[elastic]") {
    const int status = GENERATE(408, 429, 500, 502, 503, 504);
    CAPTURE(status);
    BulkBench bench;
    bench.fake.bulk = [=](std::size_t, const StubRequest&) {
        return StubReply{.status = status, .headers = {"Retry-After: 17"}};
    };
    const auto report = bench.sender().send(pointers(Documents(1).all));
    CHECK(report.next == NextStep::retry);
    CHECK(report.retry_after == 17s);
}

TEST_CASE("an answer cut at any byte, however framed, acknowledges nothing, then all is there once",
          "[elastic]") {
    const auto framing = GENERATE(StubReply::Framing::content_length, StubReply::Framing::chunked,
                                  StubReply::Framing::until_close);
    // From behind the status line to the shortest whole answer.
    for (std::size_t cut = 20; cut < 234; cut += 7) {
        BulkBench bench;
        bench.fake.bulk = [&](std::size_t number, const StubRequest& request) {
            if (number > 0) {
                return std::optional<StubReply>();
            }
            auto reply = bench.fake.store(request.body);  // stored, but the answer is lost
            reply.framing = framing;
            reply.cut_after = cut;
            return std::optional(reply);
        };
        auto sender = bench.sender();
        const Documents documents(4);
        const auto lost = sender.send(pointers(documents.all));
        INFO("cut after " << cut << ", framing " << static_cast<int>(framing));
        CHECK(count(lost, F::kept) == 4);
        CHECK(lost.next == NextStep::retry);
        CHECK(count(sender.send(pointers(documents.all)), F::duplicate) == 4);
        CHECK(bench.fake.stored().size() == 4);
    }
}

TEST_CASE(
    "where not even a status line came, the same request goes out again, and all is there once",
    "[elastic]") {
    for (const std::size_t cut : {0U, 13U}) {
        BulkBench bench;
        bench.fake.bulk = [&](std::size_t number, const StubRequest& request) {
            if (number > 0) {
                return std::optional<StubReply>();
            }
            auto reply = bench.fake.store(request.body);
            reply.cut_after = cut;
            return std::optional(reply);
        };
        auto sender = bench.sender();
        const Documents documents(4);
        // libcurl takes a kept connection that ends so for one that had gone stale before.
        const auto sent = sender.send(pointers(documents.all));
        INFO("cut after " << cut);
        CHECK(count(sent, F::duplicate) == 4);
        CHECK(bench.fake.stored().size() == 4);
    }
}

TEST_CASE("an answer that is not Elasticsearch's acknowledges nothing, and what it is is said",
          "[elastic]") {
    const auto good = R"({"errors":false,"items":[{"create":{"status":201}}]})";
    const auto [reply, words] = GENERATE_COPY(table<StubReply, std::string>({
        {StubReply{.body = "<html>Welcome</html>", .headers = {"Content-Type: text/html"}},
         "text/html"},
        {StubReply{.body = "{}", .headers = {"Content-Type: application/json"}}, "begins '{}'"},
        {StubReply{.body = good,
                   .headers = {"Content-Type: application/json", "X-Elastic-Product: Other"}},
         "HTTP 200"},
        {StubReply{
             .status = 400, .body = "<h1>Bad Request</h1>", .headers = {"Content-Type: text/html"}},
         "HTTP 400"},
    }));
    BulkBench bench;
    bench.fake.bulk = [odd = reply](std::size_t, const StubRequest&) { return odd; };
    auto sender = bench.sender();
    const auto report = sender.send(pointers(Documents(1).all));
    CHECK(count(report, F::kept) == 1);
    CHECK(report.next == NextStep::pause);
    CHECK(report.problem.find("is not Elasticsearch 8.19.21 (any more)") != std::string::npos);
    CHECK(report.problem.find(words) != std::string::npos);
}

TEST_CASE("a marked answer that proves nothing is tried again", "[elastic]") {
    BulkBench bench;
    const std::string body =
        GENERATE("{}", "", R"({"errors":false,"items":[{"create":{"status":201}}]})");
    bench.fake.bulk = [&](std::size_t, const StubRequest&) { return StubReply{.body = body}; };
    const auto report = bench.sender().send(pointers(Documents(2).all));
    CHECK(count(report, F::kept) == 2);
    CHECK(report.next == NextStep::retry);
    CHECK(report.problem.find("proves nothing") != std::string::npos);
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
    const auto report = sender.send(pointers(Documents(2).all));
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
    const auto report = sender.send(pointers(documents.all));
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
    const auto report = sender.send(pointers(Documents(6).all), source.get_token());
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
    const auto report = bench.sender().send(pointers(Documents(1).all));
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
    auto report = sender->send(pointers(documents.all));
    CHECK(report.next != NextStep::go_on);
    CHECK(second.fake.bulk_requests() == 0);
    CHECK(sender->cluster_notice().find(second.stubs[0]->url()) != std::string::npos);
    SECTION("the good host comes back") {
        refuse(false);
        report = sender->send(pointers(documents.all));
        CHECK(count(report, F::stored) == 10);
        CHECK(second.fake.bulk_requests() == 0);
    }
    SECTION("the cluster was made anew") {
        refuse(false);
        first.fake.change([&](FakeBulk& fake) { is_of(fake, "two"); });
        report = sender->send(pointers(documents.all));
        CHECK(count(report, F::stored) == 10);
        CHECK(sender->cluster_notice().find("before one") != std::string::npos);
    }
}
