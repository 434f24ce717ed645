#include "backfill/index/gap_finder.h"

#include <fmt/format.h>

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
