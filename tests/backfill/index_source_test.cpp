// SPDX-License-Identifier: MIT
#include "backfill/index/index_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <tuple>

#include "index_server.h"
#include "source_reading.h"

using namespace pwlog;
using namespace std::chrono_literals;
using pwlog::test::IndexServer;
using pwlog::test::read_all;
using pwlog::test::StubReply;
using pwlog::test::StubRequest;

namespace {

using Kind = IndexServer::Kind;

constexpr std::int64_t start = 1'780'000'000'000;

/// Ten documents of another program every ten seconds, `values` of them.
std::vector<IndexServer::Document> foreign(int values) {
    std::vector<IndexServer::Document> documents;
    for (int i = 0; i < values; ++i) {
        const std::int64_t time = start + i / 8 * 10'000;
        documents.push_back(
            {time, fmt::format("id-{:05}", i * 7919 % values),
             fmt::format("{{\n \"ts\" : {}, \"socket\":{{\"no\":[{}],\"kw\":{}}}, \"x\":null}}",
                         time, i % 8 + 1, static_cast<double>(i) / 1000)});
    }
    return documents;
}

/// Documents of ours.
std::vector<IndexServer::Document> own(int count, int at_once) {
    std::vector<IndexServer::Document> documents;
    for (int i = 0; i < count; ++i) {
        const std::int64_t time = start + i / at_once * 1000;
        documents.push_back(
            {time, fmt::format("{:05}", i * 7919 % count),
             fmt::format(R"({{"@timestamp":"{}","device":{{"id":"d{}"}},)"
                         R"("event":{{"dataset":"powerwalker.ats"}},"n":{}}})",
                         format_time(Timestamp(std::chrono::milliseconds(time))), i % at_once, i)});
    }
    return documents;
}

SourceOptions with_map() {
    SourceOptions options;
    options.devices = {"pdu9", "ats9", ""};
    options.map = *FieldMap::parse(
        "ts = @timestamp\nsocket.no = outlet.number\nsocket.kw = outlet.power_w kW\n", "map");
    return options;
}

struct Reader {
    explicit Reader(const IndexServer& server)
        : query{.address = *IndexAddress::parse(server.url(), false)} {
        query.backoff = {1ms, 2ms, 4ms};
        query.give_up_after = 20s;
        query.tell = [this](const std::string& text) { told += text + "\n"; };
    }

    Result<OpenedSource> open(const SourceOptions& options,
                              const SourcePosition* from = nullptr) & {
        return open_index_source(query, options, clock, stop.get_token(), from);
    }
    std::vector<test::ReadRecord> read(const SourceOptions& options,
                                       const SourcePosition* from = nullptr) {
        auto opened = open(options, from);
        if (!opened) {
            FAIL(opened.error().message);
        }
        return read_all(*opened->source);
    }
    /// Why it cannot be opened.
    Error refusal(const SourceOptions& options = {}) {
        const auto opened = open(options);
        REQUIRE_FALSE(opened);
        return opened.error();
    }

    IndexQuery query;
    SystemClock clock;
    std::stop_source stop;
    std::string told;
};

std::vector<std::string> texts(const std::vector<test::ReadRecord>& records) {
    std::vector<std::string> all;
    for (const auto& record : records) {
        CHECK(record.reason.empty());
        all.push_back(record.text);
    }
    return all;
}

std::string search_of(const IndexServer& server) {
    for (const auto& request : server.requests()) {
        if (request.target.find("_search?") != std::string::npos) {
            return request.body;
        }
    }
    return {};
}

}  // namespace

TEST_CASE("an index is read whole, each document once, with a point in time or without",
          "[backfill]") {
    const auto kind = GENERATE(Kind::elasticsearch, Kind::opensearch, Kind::without_pit);
    IndexServer server(kind, own(2'503, 10));
    Reader reader(server);
    reader.query.slices = GENERATE(1U, 2U, 7U);
    auto first = texts(reader.read({}));
    CHECK(first.size() == 2'503);
    CHECK(std::set<std::string>(first.begin(), first.end()).size() == 2'503);
    auto second = texts(reader.read({}));
    const bool by_time = kind != Kind::elasticsearch;
    CHECK((second == first) == by_time);  // the order of the shards is another one each time
    std::sort(second.begin(), second.end());
    std::sort(first.begin(), first.end());
    CHECK(second == first);
    CHECK(server.open_pits() == 0);
    CHECK((reader.told.find("no point in time") != std::string::npos) ==
          (kind == Kind::without_pit));
}

TEST_CASE("slices are asked for side by side, and put together by time where there is a map",
          "[backfill]") {
    IndexServer server(Kind::elasticsearch, foreign(3'000));
    Reader reader(server);
    reader.query.slices = 3;
    const auto records = reader.read(with_map());
    REQUIRE(records.size() == 3'000);
    for (std::size_t i = 1; i < records.size(); ++i) {
        REQUIRE(records[i - 1].facts.time <= records[i].facts.time);
    }
    std::set<std::size_t> connections;
    std::set<std::string> slices;
    for (const auto& request : server.requests()) {
        if (const auto at = request.body.find(R"("slice":)"); at != std::string::npos) {
            slices.insert(request.body.substr(at, 28));
            connections.insert(request.connection);
        }
    }
    CHECK(slices == std::set<std::string>{R"("slice":{"id":0,"max":3},"so)",
                                          R"("slice":{"id":1,"max":3},"so)",
                                          R"("slice":{"id":2,"max":3},"so)"});
    CHECK(connections.size() == 3);
}

TEST_CASE("a reader that is given up while pages are on their way ends at once", "[backfill]") {
    IndexServer server(Kind::elasticsearch, own(2'000, 3));
    server.before = [](const StubRequest& request) -> std::optional<StubReply> {
        if (request.body.find(R"("search_after")") == std::string::npos) {
            return std::nullopt;
        }
        StubReply reply;
        reply.end = StubReply::End::hold;
        reply.cut_after = 20;
        return reply;
    };
    Reader reader(server);
    const auto began = std::chrono::steady_clock::now();
    {
        auto opened = reader.open({});
        REQUIRE(opened);
        SourceRecord record;
        CHECK(*opened->source->next(record));
    }
    CHECK(std::chrono::steady_clock::now() - began < 20s);
}

TEST_CASE("more documents of one time than a page holds are read all the same", "[backfill]") {
    const auto kind = GENERATE(Kind::elasticsearch, Kind::opensearch);
    IndexServer server(kind, own(4'000, 1'500));
    CHECK(texts(Reader(server).read({})).size() == 4'000);
}

TEST_CASE("pages of large documents are made smaller until they fit", "[backfill]") {
    auto documents = own(150, 3);
    for (auto& document : documents) {
        document.source.insert(1, fmt::format(R"("pad":"{}",)", std::string(60'000, 'x')));
    }
    IndexServer server(Kind::elasticsearch, std::move(documents));
    CHECK(texts(Reader(server).read({})).size() == 150);
}

TEST_CASE("another program's documents are mapped, nested or in lists, line ends and all",
          "[backfill]") {
    IndexServer server(Kind::elasticsearch, foreign(20));
    Reader reader(server);
    const auto records = reader.read(with_map());
    REQUIRE(records.size() == 20);
    CHECK_THAT(records[11].text, Catch::Contains(R"("@timestamp":"2026-05-28T20:26:50.000Z")"));
    std::map<int, std::string> at_second_time;
    for (std::size_t i = 8; i < 16; ++i) {
        at_second_time[records[i].facts.outlet] = records[i].text;
        CHECK(records[i].facts.device == "pdu9");
    }
    CHECK_THAT(at_second_time[4], Catch::Contains(R"("number":4,"name":"outlet 4","power_w":11)"));
    CHECK_THAT(search_of(server), Catch::Contains(R"("sort":[{"ts":{"order":"asc")"));
}

TEST_CASE("a list of several values is refused as what it is", "[backfill]") {
    auto documents = foreign(2);
    documents[1].source = fmt::format(R"({{"ts":{},"socket":{{"no":2,"kw":[1,2]}}}})", start);
    IndexServer server(Kind::elasticsearch, documents);
    const auto records = Reader(server).read(with_map());
    REQUIRE(records.size() == 2);
    const auto& bad = records[0].kind == SourceRecord::Kind::bad ? records[0] : records[1];
    CHECK_THAT(bad.reason, Catch::Contains("socket.kw: power_w: '[1,2]' is not a number"));
    CHECK_THAT(bad.text, Catch::StartsWith(R"({"_index":"old-1","_id":")"));
}

TEST_CASE("reading goes on at any document while its point in time lives", "[backfill]") {
    const bool mapped = GENERATE(true, false);
    const auto kind = GENERATE(Kind::elasticsearch, Kind::opensearch);
    IndexServer server(kind, mapped ? foreign(331) : own(331, 8));
    const auto options = mapped ? with_map() : SourceOptions{};
    Reader reader(server);
    reader.query.slices = GENERATE(1U, 3U);
    auto opened = reader.open(options);  // stays open, as after kill -9
    REQUIRE(opened);
    const auto all = read_all(*opened->source);
    REQUIRE(all.size() == 331);
    for (const std::size_t done : {1U, 7U, 8U, 100U, 250U, 330U, 331U}) {
        const auto rest = [&] {
            // A second reader closes the point in time at its end; the first one's is kept for it.
            const auto saved = all[done - 1].position;
            auto again = reader.open(options, &saved);
            REQUIRE(again);
            std::vector<test::ReadRecord> records;
            SourceRecord record;
            while (*again->source->next(record)) {
                records.push_back({record.kind,
                                   std::string(record.text),
                                   {},
                                   record.line,
                                   {},
                                   *record.facts,
                                   {}});
            }
            return records;
        };
        if (done == 1U) {
            const auto records = rest();
            REQUIRE(records.size() == 330);
            for (std::size_t i = 0; i < records.size(); ++i) {
                CHECK(records[i].text == all[i + 1].text);
                CHECK(records[i].line == all[i + 1].line);
            }
            continue;
        }
        // The point in time is closed by now: what has the same time comes again, and with a map
        // what came since the devices' states were last kept; or all where the order was that of
        // the shards; nothing is lost.
        const auto records = rest();
        CHECK(records.size() >= 331 - done);
        const bool by_time = mapped || kind == Kind::opensearch;
        CHECK(records.size() <= (by_time ? 331 - done + 16 + (mapped ? 64 : 0) : 331));
        // What comes again is known by its identity: what lies before it was told already.
        std::set<std::tuple<std::string, Timestamp, int>> seen;
        const auto see = [&](const DocumentFacts& facts) {
            seen.emplace(facts.device, facts.time, facts.outlet);
        };
        for (std::size_t i = 0; i < done; ++i) {
            see(all[i].facts);
        }
        for (const auto& record : records) {
            see(record.facts);
        }
        CHECK(seen.size() == 331);
        // What had not come yet is as if there had been no interruption.
        if (by_time) {
            for (std::size_t i = done; i < 331; ++i) {
                CHECK(records[records.size() - 331 + i].text == all[i].text);
            }
        }
    }
}

TEST_CASE("a point in time that expires is told, and nothing is lost by it", "[backfill]") {
    const bool mapped = GENERATE(true, false);
    const std::size_t slices = GENERATE(1U, 4U);
    INFO(slices << " slices, mapped " << mapped);
    auto documents = mapped ? foreign(1'000) : own(1'000, 30);
    for (auto& document : documents) {  // so that there are many pages
        document.source.insert(1, fmt::format(R"("pad":"{}",)", std::string(2'000, 'x')));
    }
    IndexServer server(Kind::elasticsearch, std::move(documents));
    std::size_t searches = 0;
    server.before = [&](const StubRequest& request) -> std::optional<StubReply> {
        // Of each slice a page was used by then, and one was on its way.
        if (request.target.starts_with("/_search?") && ++searches == 3 * slices) {
            server.forget_pits();
        }
        return std::nullopt;
    };
    Reader reader(server);
    reader.query.slices = slices;
    const auto all = texts(reader.read(mapped ? with_map() : SourceOptions{}));
    CHECK(std::set<std::string>(all.begin(), all.end()).size() == 1'000);
    // In the order of time it goes on there; in that of the shards all comes again.
    CHECK(all.size() <= 1'000 + (mapped ? 8 : 999));
    CHECK((mapped || all.size() > 1'000));
    CHECK_THAT(reader.told,
               Catch::Contains("the point in time is gone: going on with a new one, ") &&
                   Catch::Contains(mapped ? "behind 1780000" : "from the beginning"));
}

TEST_CASE("a server that is busy is asked again, and a part of an answer is none", "[backfill]") {
    IndexServer server(Kind::elasticsearch, own(300, 3));
    int searches = 0;
    server.before = [&](const StubRequest& request) -> std::optional<StubReply> {
        if (request.target.find("/_search?") == std::string::npos || ++searches % 2 == 0) {
            return std::nullopt;
        }
        StubReply reply;
        reply.status = 429;
        reply.body = R"({"error":{"type":"es_rejected_execution_exception","reason":"full"}})";
        return reply;
    };
    Reader reader(server);
    CHECK(texts(reader.read({})).size() == 300);
    CHECK_THAT(reader.told, Catch::Contains("es_rejected_execution_exception: full; trying again"));

    IndexServer partial(Kind::elasticsearch, own(300, 3));
    partial.before = [&](const StubRequest& request) -> std::optional<StubReply> {
        if (request.target.find("/_search?") == std::string::npos) {
            return std::nullopt;
        }
        StubReply reply;
        reply.body = R"({"timed_out":false,"_shards":{"failed":1},"hits":{"hits":[]}})";
        return reply;
    };
    CHECK_THAT(Reader(partial).refusal().message, Catch::Contains("answered in part only"));
}

TEST_CASE("what cannot be read is said in one line", "[backfill]") {
    const auto answering = [](const std::string& where, int status, const std::string& body) {
        auto server = std::make_unique<IndexServer>(Kind::elasticsearch, own(3, 1));
        server->before = [=](const StubRequest& request) -> std::optional<StubReply> {
            if (request.target.find(where) == std::string::npos) {
                return std::nullopt;
            }
            StubReply reply;
            reply.status = status;
            reply.body = body;
            return reply;
        };
        auto error = Reader(*server).refusal();
        CHECK(error.message.find('\n') == std::string::npos);
        return error;
    };
    const auto missing =
        answering("_field_caps", 404, R"({"error":{"type":"index_not_found_exception"}})");
    CHECK(missing.kind == ErrorKind::not_found);
    CHECK_THAT(missing.message, Catch::EndsWith("/old-*: there is no such index"));
    CHECK_THAT(answering("_field_caps", 200, R"({"indices":[],"fields":{}})").message,
               Catch::EndsWith("no index is called so"));
    CHECK_THAT(answering("_field_caps", 200, R"({"indices":["a"],"fields":{}})").message,
               Catch::Contains("has no field '@timestamp'"));
    const auto denied = answering("/", 401, R"({"error":{"type":"security_exception"}})");
    CHECK(denied.kind == ErrorKind::denied);
    CHECK_THAT(denied.message, Catch::Contains("HTTP 401"));
    CHECK_THAT(answering("/", 200, "{\"hello\":1}").message,
               Catch::Contains("neither Elasticsearch nor OpenSearch"));
    CHECK_THAT(answering("/_search?", 200, "{\"hits\":").message,
               Catch::Contains("cannot be read"));

    IndexServer sourceless(Kind::elasticsearch, {{start, "1", "{}"}});
    sourceless.before = [](const StubRequest& request) -> std::optional<StubReply> {
        if (request.target.find("/_search?") == std::string::npos) {
            return std::nullopt;
        }
        StubReply reply;
        reply.body = R"({"hits":{"hits":[{"_index":"old-1","_id":"1","sort":[1,1]}]}})";
        return reply;
    };
    Reader reader(sourceless);  // whose clock the source uses
    auto opened = reader.open({});
    REQUIRE(opened);
    SourceRecord record;
    const auto read = opened->source->next(record);
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().message, Catch::Contains("old-1 keeps no _source"));
}

TEST_CASE("bounds of time are the server's work where it knows times", "[backfill]") {
    IndexServer server(Kind::elasticsearch, own(3, 1));
    Reader reader(server);
    reader.query.since = Timestamp(1'780'000'000'000ms);
    reader.query.until = Timestamp(1'780'000'001'000ms);
    CHECK(reader.read({}).size() == 3);  // the stub leaves it to the pipeline
    CHECK_THAT(search_of(server),
               Catch::Contains(R"("range":{"@timestamp":{"gte":"2026-05-28T20:26:40.000Z",)"
                               R"("lt":"2026-05-28T20:26:41.000Z")"));
    IndexServer numbers(Kind::elasticsearch, own(3, 1));
    numbers.time_type = "long";
    Reader other(numbers);
    other.query.since = reader.query.since;
    CHECK(other.read({}).size() == 3);
    CHECK(search_of(numbers).find("range") == std::string::npos);
}

TEST_CASE("an index's address is a server's, and a name behind it, and holds no secret",
          "[backfill]") {
    const auto why = [](std::string_view url) {
        const auto address = IndexAddress::parse(url, false);
        return address ? address->server.text() + " " + address->pattern : address.error().message;
    };
    CHECK(why("http://127.0.0.1:9200/old-*,-old-1/") == "http://127.0.0.1:9200 old-*,-old-1");
    CHECK(why("https://host/es/power") == "https://host/es power");
    CHECK_THAT(why("https://host:9200"), Catch::Contains("no index given"));
    CHECK_THAT(why("https://host:9200/"), Catch::Contains("no index given"));
    CHECK_THAT(why("https://host/_search"), Catch::Contains("not the name or pattern of an index"));
    CHECK_THAT(why("https://host/a b"), Catch::Contains("not the name or pattern of an index"));
    CHECK_THAT(why("http://example.org/power"), Catch::Contains("not encrypted"));
    const auto secret = why("https://elastic:verysecret@host/power");
    CHECK_THAT(secret, Catch::Contains("--source-password-file"));
    CHECK(secret.find("verysecret") == std::string::npos);
}

TEST_CASE("a map with two fields for the time is refused for an index", "[backfill]") {
    IndexServer server(Kind::elasticsearch, foreign(2));
    auto options = with_map();
    options.map = *FieldMap::parse("[a=1]\nts=@timestamp\n[a=2]\nwhen=@timestamp\n", "map");
    CHECK_THAT(Reader(server).refusal(options).message, Catch::Contains("'ts' and 'when'"));
}

TEST_CASE("an index of the pattern that is closed is told", "[backfill]") {
    IndexServer server(IndexServer::Kind::elasticsearch, own(20, 2));
    server.before = [](const StubRequest& request) {
        return request.target.find("/_resolve/index/") == std::string::npos
                   ? std::nullopt
                   : std::optional(StubReply{
                         .body = R"({"indices":[{"name":"old-2","attributes":["closed"]},)"
                                 R"({"name":"old-3","attributes":["hidden","closed"]},)"
                                 R"({"name":"old-1","attributes":["open"]}]})"});
    };
    Reader reader(server);
    CHECK(reader.read({}).size() == 20);
    CHECK_THAT(reader.told, Catch::Contains("left out: old-2, old-3; open"));
}
