// SPDX-License-Identifier: MIT
// What the whole of a bulk request is answered with, and what that proves.
#include <catch2/catch.hpp>
#include <string>

#include "bulk_bench.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

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
    const auto report = sender.send(views(Documents(3).all));
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
    const auto report = bench.sender().send(views(Documents(1).all));
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
        const auto lost = sender.send(views(documents.all));
        INFO("cut after " << cut << ", framing " << static_cast<int>(framing));
        CHECK(count(lost, F::kept) == 4);
        CHECK(lost.next == NextStep::retry);
        CHECK(count(sender.send(views(documents.all)), F::duplicate) == 4);
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
        const auto sent = sender.send(views(documents.all));
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
    const auto report = sender.send(views(Documents(1).all));
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
    const auto report = bench.sender().send(views(Documents(2).all));
    CHECK(count(report, F::kept) == 2);
    CHECK(report.next == NextStep::retry);
    CHECK(report.problem.find("proves nothing") != std::string::npos);
}

TEST_CASE("hosts that hang take no longer than the time that all together have", "[elastic]") {
    BulkBench bench(3);
    std::vector<std::unique_ptr<HttpStub>> hanging;
    SenderOptions options;
    for (int i = 0; i < 3; ++i) {
        hanging.push_back(std::make_unique<HttpStub>([](const StubRequest&) {
            return StubReply{.end = StubReply::End::hold, .cut_after = 0};
        }));
        options.servers.push_back(*ServerUrl::parse(hanging.back()->url(), false));
    }
    auto sender = BulkSender::open(options, bench.clock);
    REQUIRE(sender);
    const auto begun = std::chrono::steady_clock::now();
    const auto report = sender->send(views(Documents(1).all), {}, std::chrono::milliseconds(500));
    INFO(report.problem);
    CHECK(report.next == NextStep::retry);
    // One host alone has 40 s otherwise.
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(20));
}
