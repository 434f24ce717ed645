// SPDX-License-Identifier: MIT
#include "backfill/index/gap_finder.h"

#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <string>

#include "support/hand_clock.h"
#include "support/hostile_json.h"
#include "support/http_stub.h"

using namespace pwlog;
using test::HttpStub;
using test::StubReply;
using test::StubRequest;

namespace {

constexpr std::int64_t hour = 1'780'002'000'000;  // a full one

/// What a server says, asked for the hours and for an hour's documents.
struct Answers {
    std::string hours =
        fmt::format(R"({{"aggregations":{{"kind":{{"buckets":[{{"key":"powerwalker.ats","hour":)"
                    R"({{"buckets":[{{"key":{},"doc_count":1}}]}}}}]}}}}}})",
                    hour);
    std::string documents = fmt::format(R"({{"hits":{{"hits":[{{"sort":[{},0]}}]}}}})", hour);
};

Result<bool> lacks(const Answers& answers, std::int64_t time) {
    HttpStub stub([&](const StubRequest& request) {
        const bool hours = request.target.ends_with("filter_path=aggregations");
        return StubReply{.body = hours ? answers.hours : answers.documents};
    });
    SystemClock clock;
    auto finder = GapFinder::open({*ServerUrl::parse(stub.url(), false)}, {}, clock);
    REQUIRE(finder);
    DocumentFacts facts;
    facts.time = Timestamp(std::chrono::milliseconds(time));
    facts.kind = DocumentKind::ats;
    facts.device = "rack1-ats";
    return finder->lacks(facts, {});
}

}  // namespace

TEST_CASE("a document is lacking where the server has none of its time", "[backfill]") {
    CHECK_FALSE(lacks({}, hour).value());
    CHECK(lacks({}, hour + 1).value());
    CHECK(lacks({}, hour + 3'600'000).value());
}

TEST_CASE("what is there is not known from an answer nested without end", "[backfill]") {
    for (const auto& value : test::hostile_values()) {
        for (const auto& odd : {value, R"({"aggregations":)" + value + "}"}) {
            const auto outcome = lacks({.hours = odd}, hour);
            REQUIRE_FALSE(outcome);
            CHECK(outcome.error().kind == ErrorKind::garbled);
        }
        const auto outcome = lacks({.documents = R"({"hits":{"hits":[)" + value + "]}}"}, hour);
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().kind == ErrorKind::garbled);
    }
}

TEST_CASE("a server that gives the same page again and again is not asked for ever", "[backfill]") {
    std::string page = R"({"hits":{"hits":[)";
    constexpr int whole_page = 10'000;
    for (int i = 0; i < whole_page; ++i) {
        page += fmt::format(R"({}{{"sort":[{},0]}})", i > 0 ? "," : "", hour + i);
    }
    const auto outcome = lacks({.documents = page + "]}}"}, hour);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().message.find("the same page") != std::string::npos);
}

TEST_CASE("each month of a device is asked for once, however many devices take turns",
          "[backfill]") {
    constexpr int devices = 40;
    std::atomic<int> for_hours = 0;
    std::atomic<int> for_documents = 0;
    const Answers answers;
    HttpStub stub([&](const StubRequest& request) {
        const bool hours = request.target.ends_with("filter_path=aggregations");
        (hours ? for_hours : for_documents) += 1;
        return StubReply{.body = hours ? answers.hours : answers.documents};
    });
    const SystemClock clock;
    auto finder = GapFinder::open({*ServerUrl::parse(stub.url(), false)}, {}, clock);
    REQUIRE(finder);
    DocumentFacts facts;
    facts.kind = DocumentKind::ats;
    for (int round = 0; round < 5; ++round) {
        for (int device = 0; device < devices; ++device) {
            facts.device = fmt::format("ats{}", device);
            facts.time = Timestamp(std::chrono::milliseconds(hour + round));
            CHECK(finder->lacks(facts, {}).value() == (round > 0));
        }
    }
    CHECK(for_hours == devices);
    CHECK(for_documents == devices);
}
