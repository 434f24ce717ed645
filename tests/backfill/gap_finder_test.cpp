// SPDX-License-Identifier: MIT
#include "backfill/index/gap_finder.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "document/document.h"
#include "support/hostile_json.h"
#include "support/http_stub.h"

using namespace pwlog;
using test::HttpStub;
using test::StubReply;
using test::StubRequest;

namespace {

constexpr std::int64_t hour = 1'780'002'000'000;  // a full one, in May 2026
constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t may = 1'777'593'600'000;  // its first moment
constexpr std::int64_t day_ms = 24 * hour_ms;

DocumentFacts document(std::int64_t time, DocumentKind kind, const std::string& device,
                       int outlet = 0) {
    DocumentFacts facts;
    facts.time = Timestamp(std::chrono::milliseconds(time));
    facts.kind = kind;
    facts.device = device;
    facts.outlet = outlet;
    return facts;
}

/// A server that has documents, and counts how often it is asked for those of an index and device
/// within a time, in the order of time or against it.
class Server {
  public:
    explicit Server(std::vector<DocumentFacts> documents)
        : documents_(std::move(documents)),
          stub_([this](const StubRequest& request) { return answer(request); }),
          finder_(GapFinder::open({*ServerUrl::parse(stub_.url(), false)}, {}, clock_)) {
        std::stable_sort(documents_.begin(), documents_.end(),
                         [](const auto& a, const auto& b) { return a.time < b.time; });
    }

    bool lacks(const DocumentFacts& facts) { return finder_->lacks(facts, {}).value(); }
    int questions() const { return questions_; }
    std::size_t longest_answer() const { return longest_answer_; }

  private:
    StubReply answer(const StubRequest& request) {
        ++questions_;
        rapidjson::Document json;
        json.Parse(request.body.c_str());
        const auto& asked = json["query"]["bool"]["filter"];
        const auto& range = asked[1]["range"]["@timestamp"];
        const auto& sort = json["sort"];
        const bool backward = std::string(sort[0]["@timestamp"].GetString()) == "desc";
        const std::string device = asked[0]["term"]["device.id"].GetString();
        const auto from = range["gte"].GetInt64();
        const auto until = range["lt"].GetInt64();
        std::string hits;
        const auto count = documents_.size();
        std::uint64_t room = json["size"].GetUint64();
        for (std::size_t i = 0; i < count && room > 0; ++i) {
            const auto& one = documents_[backward ? count - 1 - i : i];
            const auto time = one.time.time_since_epoch().count();
            if (time < from || time >= until || one.device != device ||
                request.target.find(index_name(one.family(), one.time)) == std::string::npos) {
                continue;
            }
            hits += fmt::format(R"({}{{"sort":[{},"{}",{}]}})", hits.empty() ? "" : ",", time,
                                dataset_name(one.kind), one.outlet);
            --room;
        }
        longest_answer_ = std::max<std::size_t>(longest_answer_, hits.size());
        return {.body = R"({"hits":{"hits":[)" + hits + "]}}"};
    }

    std::vector<DocumentFacts> documents_;
    std::atomic<int> questions_ = 0;
    std::atomic<std::size_t> longest_answer_ = 0;
    SystemClock clock_;
    HttpStub stub_;
    Result<GapFinder> finder_;
};

/// What a server that answers everything with `body` lacks.
Result<bool> lacks_by(const std::string& body, std::int64_t time) {
    const HttpStub stub([&](const StubRequest&) { return StubReply{.body = body}; });
    const SystemClock clock;
    auto finder = GapFinder::open({*ServerUrl::parse(stub.url(), false)}, {}, clock);
    REQUIRE(finder);
    return finder->lacks(document(time, DocumentKind::ats, "rack1-ats"), {});
}

/// A PDU's documents: it and its outlets, every `step`, with a jitter of a few milliseconds.
std::vector<DocumentFacts> pdu_month(std::int64_t step, int outlets, std::int64_t days = 31) {
    std::vector<DocumentFacts> documents;
    for (std::int64_t tick = may; tick < may + days * day_ms; tick += step) {
        for (int outlet = 0; outlet <= outlets; ++outlet) {
            documents.push_back(document(tick + tick / step % 7,
                                         outlet == 0 ? DocumentKind::pdu : DocumentKind::outlet,
                                         "rack1-pdu", outlet));
        }
    }
    return documents;
}

/// Every fifth is lacking; whether all is said as it is, whatever the order.
int questions_for(const std::vector<DocumentFacts>& wanted,
                  const std::vector<DocumentFacts>& order) {
    std::vector<DocumentFacts> there;
    std::vector<std::tuple<std::int64_t, int>> lacking;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (i % 5 == 0) {
            lacking.emplace_back(wanted[i].time.time_since_epoch().count(), wanted[i].outlet);
        } else {
            there.push_back(wanted[i]);
        }
    }
    Server server(std::move(there));
    int wrong = 0;
    for (const auto& facts : order) {
        const bool is_lacking =
            std::binary_search(lacking.begin(), lacking.end(),
                               std::tuple(facts.time.time_since_epoch().count(), facts.outlet));
        wrong += server.lacks(facts) == is_lacking ? 0 : 1;
    }
    CHECK(wrong == 0);
    CHECK(server.longest_answer() < 600'000);
    return server.questions();
}

}  // namespace

TEST_CASE("a document is lacking where the server has none of its time, kind and outlet",
          "[backfill]") {
    Server server({document(hour, DocumentKind::pdu, "rack1"),
                   document(hour, DocumentKind::outlet, "rack1", 3),
                   document(hour + 5, DocumentKind::ats, "rack1")});
    CHECK_FALSE(server.lacks(document(hour, DocumentKind::pdu, "rack1")));
    CHECK_FALSE(server.lacks(document(hour, DocumentKind::outlet, "rack1", 3)));
    CHECK_FALSE(server.lacks(document(hour + 5, DocumentKind::ats, "rack1")));
    CHECK(server.lacks(document(hour, DocumentKind::outlet, "rack1", 4)));
    CHECK(server.lacks(document(hour, DocumentKind::ats, "rack1")));
    CHECK(server.lacks(document(hour + 1, DocumentKind::pdu, "rack1")));
    CHECK(server.lacks(document(hour + hour_ms, DocumentKind::pdu, "rack1")));
    CHECK(server.questions() == 1);
    CHECK(server.lacks(document(hour, DocumentKind::pdu, "rack2")));
    CHECK(server.lacks(document(hour + 31 * day_ms, DocumentKind::pdu, "rack1")));
    CHECK(server.questions() == 3);
    CHECK(server.lacks(document(hour, DocumentKind::events, "rack1")));
    CHECK(server.questions() == 3);
}

TEST_CASE("what is there is not known from an answer nested without end", "[backfill]") {
    for (const auto& value : test::hostile_values()) {
        for (const auto& odd :
             {value, R"({"hits":)" + value + "}", R"({"hits":{"hits":[)" + value + "]}}"}) {
            const auto outcome = lacks_by(odd, hour);
            REQUIRE_FALSE(outcome);
            CHECK(outcome.error().kind == ErrorKind::garbled);
        }
    }
}

TEST_CASE("a server that gives the same page again and again is not asked for ever", "[backfill]") {
    std::string page = R"({"hits":{"hits":[)";
    constexpr int whole_page = 10'000;
    for (int i = 0; i < whole_page; ++i) {
        page += fmt::format(R"({}{{"sort":[{},"powerwalker.ats",0]}})", i > 0 ? "," : "", hour + i);
    }
    const auto outcome = lacks_by(page + "]}}", hour + whole_page);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().message.find("the same page") != std::string::npos);
}

TEST_CASE("each month of a device is asked for once, whichever hours have documents",
          "[backfill]") {
    constexpr int devices = 12;
    constexpr int months = 3;
    std::vector<DocumentFacts> documents;
    for (std::int64_t when = 0; when < std::int64_t{months} * 30; ++when) {
        for (int device = 0; device < devices; ++device) {
            documents.push_back(document(may + when * day_ms + device * hour_ms, DocumentKind::ats,
                                         fmt::format("ats{}", device)));
        }
    }
    auto newest_first = documents;
    std::reverse(newest_first.begin(), newest_first.end());
    auto shuffled = documents;
    std::shuffle(shuffled.begin(), shuffled.end(), std::minstd_rand(7));
    for (const auto& order : {documents, newest_first, shuffled}) {
        CHECK(questions_for(documents, order) == devices * months);
    }
}

TEST_CASE("a month of more documents than an answer takes is read answer by answer", "[backfill]") {
    const auto documents = pdu_month(300'000, 8);  // 80,352, of which four of five are there
    CHECK(questions_for(documents, documents) == 7);
    auto newest_first = documents;
    std::reverse(newest_first.begin(), newest_first.end());
    CHECK(questions_for(documents, newest_first) == 7);
    auto shuffled = documents;
    std::shuffle(shuffled.begin(), shuffled.end(), std::minstd_rand(7));
    CHECK(questions_for(documents, shuffled) <= 20);
}

TEST_CASE("of a full month only what is needed is asked for", "[backfill]") {
    const auto documents = pdu_month(300'000, 8);
    const std::vector<DocumentFacts> two_days(documents.begin() + 45'000,
                                              documents.begin() + 45'000 + 2 * 288 * 9);
    CHECK(questions_for(documents, two_days) <= 3);
}

TEST_CASE("what was known of too many documents is asked for again", "[backfill]") {
    constexpr int months = 52;
    constexpr std::int64_t step = 300'000;
    std::vector<std::int64_t> begins;
    std::vector<DocumentFacts> documents;
    for (int month = 0; month < months; ++month) {
        const std::chrono::sys_days day =
            std::chrono::year(2022) / 1 / 1 + std::chrono::months(month);
        begins.push_back(Timestamp(day).time_since_epoch().count());
        for (std::int64_t at = 0; at < 28 * day_ms; at += step) {
            documents.push_back(document(begins.back() + at, DocumentKind::ats, "rack1-ats"));
        }
    }
    Server server(std::move(documents));
    for (int round = 0; round < 2; ++round) {
        for (const auto begin : begins) {
            CHECK_FALSE(server.lacks(document(begin + step, DocumentKind::ats, "rack1-ats")));
            CHECK(server.lacks(document(begin + step + 1, DocumentKind::ats, "rack1-ats")));
        }
    }
    CHECK(server.questions() == 2 * months);
}

TEST_CASE("what is known of one device is still known when all others of a fleet had their turn",
          "[backfill]") {
    constexpr int devices = 45;
    constexpr std::int64_t ticks = 10'050;  // more than a page has
    constexpr std::int64_t step = 10'000;
    constexpr std::int64_t looked_at = 12;
    std::vector<DocumentFacts> there;
    for (std::int64_t tick = 0; tick < ticks; ++tick) {
        for (int device = 0; device < devices; ++device) {
            there.push_back(
                document(may + tick * step, DocumentKind::ats, fmt::format("rack{}-ats", device)));
        }
    }
    const std::vector<DocumentFacts> wanted(there.begin(), there.begin() + looked_at * devices);
    Server server(std::move(there));
    for (const auto& one : wanted) {
        REQUIRE_FALSE(server.lacks(one));
    }
    CHECK(server.questions() <= 2 * devices);
}
