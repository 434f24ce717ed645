// SPDX-License-Identifier: MIT
#include "backfill/sources/ndjson_source.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "packed.h"
#include "source_reading.h"
#include "support/temp_dir.h"

using namespace pwlog;
using pwlog::test::gzip;
using pwlog::test::read_all;
using pwlog::test::TempDir;

namespace {

std::string document(int number) {
    return fmt::format(R"({{"@timestamp":"2026-11-22T17:{:02}:{:02}.123Z","device":{{"id":"a"}},)"
                       R"("event":{{"dataset":"powerwalker.ats"}},"n":{}}})",
                       number / 60 % 60, number % 60, number);
}

std::unique_ptr<RecordSource> open_text(const TempDir& folder, std::string_view bytes,
                                        const SourcePosition* from = nullptr) {
    auto input = open_input(folder.write("input", bytes).string());
    REQUIRE(input);
    auto source = open_ndjson(LineReader(std::move(*input)), from);
    REQUIRE(source);
    return std::move(*source);
}

std::unique_ptr<RecordSource> open_replies(const TempDir& folder, std::string_view bytes,
                                           const SourcePosition* from = nullptr) {
    auto input = open_input(folder.write("input", bytes).string());
    REQUIRE(input);
    auto source = open_search_replies(LineReader(std::move(*input)), from);
    REQUIRE(source);
    return std::move(*source);
}

std::string many(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += document(i) + "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("documents, bulk bodies, hits, comments and empty lines may be mixed", "[backfill]") {
    const TempDir folder;
    const auto source = open_text(
        folder, "\xef\xbb\xbf" + document(1) + "\r\n\n# a comment\n" +
                    R"({"create":{"_index":"x","_id":"bulk \u0031"}})" + "\n" + document(2) + "\n" +
                    R"({"_index":"x","_type":"_doc","_id":"hit","_score":1,"_source":)" +
                    document(3) + "}\n" + document(4));
    const auto records = read_all(*source);
    REQUIRE(records.size() == 4);
    for (int i = 0; i < 4; ++i) {
        const auto& record = records[static_cast<std::size_t>(i)];
        CHECK(record.kind == SourceRecord::Kind::document);
        CHECK(record.text == document(i + 1));
    }
    CHECK(records[0].line == 1);
    CHECK(records[0].id.empty());
    CHECK(records[1].line == 5);
    CHECK(records[1].id == "bulk 1");
    CHECK(records[2].id == "hit");
    CHECK(records[3].id.empty());
    CHECK(source->ignored_lines() == 2);
}

TEST_CASE("a bad line is told with its number and kept as it came, and the next one is read",
          "[backfill]") {
    const TempDir folder;
    const std::string too_long = "{\"a\":\"" + std::string(LineReader::longest_line, 'x') + "\"}";
    const auto source =
        open_text(folder, document(1) + "\n{\"broken\":\n" + too_long + "\n" + document(2) +
                              "\n{\"delete\":{\"_id\":\"1\"}}\n{\"took\":1,\"hits\":{}}\n" +
                              "{\"index\":{}}\n" + document(3).substr(0, 50));
    const auto records = read_all(*source);
    REQUIRE(records.size() == 7);
    CHECK(records[1].line == 2);
    CHECK(records[1].text == "{\"broken\":");
    CHECK(records[2].line == 3);
    CHECK_THAT(records[2].reason, Catch::Contains("longer than 1048576 bytes"));
    CHECK(records[3].text == document(2));
    CHECK_THAT(records[4].reason, Catch::Contains("bulk action"));
    CHECK_THAT(records[5].reason, Catch::Contains("--from search"));
    CHECK(records[6].line == 8);
    CHECK_THAT(records[6].reason, Catch::Contains("may be cut off"));
}

TEST_CASE("from every position a source goes on with exactly what had not been read",
          "[backfill]") {
    const TempDir folder;
    std::string text;
    for (int i = 0; i < 30; ++i) {
        text += i % 3 == 0 ? "{\"create\":{\"_id\":\"" + std::to_string(i) + "\"}}\n" : "";
        text += i % 7 == 0 ? "rubbish\n" : document(i) + "\n";
    }
    const bool packed = GENERATE(false, true);
    const auto bytes = packed ? gzip(text) : text;
    const auto all = read_all(*open_text(folder, bytes));
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto rest = read_all(*open_text(folder, bytes, &all[i].position));
        REQUIRE(rest.size() == all.size() - i - 1);
        for (std::size_t k = 0; k < rest.size(); ++k) {
            CHECK(rest[k].text == all[i + 1 + k].text);
            CHECK(rest[k].line == all[i + 1 + k].line);
            CHECK(rest[k].id == all[i + 1 + k].id);
        }
    }
}

TEST_CASE("a source hands out what came before a cut, and tells the cut", "[backfill]") {
    const TempDir folder;
    const auto packed = gzip(many(3000));
    const auto source = open_text(folder, packed.substr(0, packed.size() - 1));
    CHECK(read_all(*source).size() == 3000);
    CHECK_THAT(source->damage(), Catch::Contains("break off"));
}

TEST_CASE("whole search answers are cut into their hits, pretty-printed or not", "[backfill]") {
    const TempDir folder;
    const auto reply = [](int first) {
        return R"({"took":3,"timed_out":false,"_shards":{"hits":[{"no":1}]},"hits":{"total":)"
               R"({"value":2},"hits":[{"_index":"i","_id":"}]\"{","_source":)" +
               document(first) + R"(},)" + "\n" + R"({"_index":"i","_id":"2","_source":)" +
               document(first + 1) + R"(}]},"aggregations":{"hits":{"hits":[{"a":1}]}}})";
    };
    const auto text = reply(1) + "\n" + reply(3);
    const auto records = read_all(*open_replies(folder, text));
    REQUIRE(records.size() == 4);
    for (int i = 0; i < 4; ++i) {
        const auto& record = records[static_cast<std::size_t>(i)];
        CHECK(record.kind == SourceRecord::Kind::document);
        CHECK(record.text == document(i + 1));
    }
    CHECK(records[0].id == "}]\"{");
    for (std::size_t i = 0; i < 4; ++i) {
        const auto rest = read_all(*open_replies(folder, text, &records[i].position));
        REQUIRE(rest.size() == 3 - i);
        for (std::size_t k = 0; k < rest.size(); ++k) {
            CHECK(rest[k].text == records[i + 1 + k].text);
        }
    }
    CHECK(read_all(*open_replies(folder, "[" + document(1) + ",\n" + document(2) + "]")).size() ==
          2);
    const auto cut = read_all(*open_replies(folder, text.substr(0, text.size() - 150)));
    REQUIRE(cut.size() == 4);
    CHECK_THAT(cut[3].reason, Catch::Contains("breaks off"));
}

TEST_CASE("a folder and a missing file are refused by name", "[backfill]") {
    const TempDir folder;
    CHECK_THAT(open_input(folder.path().string()).error().message, Catch::Contains("is a folder"));
    CHECK(open_input((folder.path() / "none").string()).error().kind == ErrorKind::not_found);
}

TEST_CASE("an answer that does not hold all that was asked for says so", "[backfill]") {
    const TempDir folder;
    const auto reply = [](std::string_view shards, std::string_view timed_out) {
        return fmt::format(R"({{"took":3,"timed_out":{},"_shards":{{"total":2,"failed":{}}},)"
                           R"("hits":{{"hits":[{{"_id":"1","_source":{}}}]}}}})",
                           timed_out, shards, document(1));
    };
    const auto damage = [&](const std::string& text, std::size_t documents) {
        const auto source = open_replies(folder, text);
        CHECK(read_all(*source).size() == documents);
        return source->damage();
    };
    CHECK(damage(reply("0", "false"), 1).empty());
    CHECK_THAT(damage(reply("0", "true"), 1), Catch::Contains("timed_out"));
    CHECK_THAT(damage(reply("1", "false"), 1), Catch::Contains("failed shards"));
    CHECK_THAT(damage(R"({"error":{"type":"index_not_found_exception"},"status":404})", 0),
               Catch::Contains("an error"));
    const auto both = reply("0", "false") + "," + reply("2", "false");
    CHECK_THAT(damage(R"({"took":7,"responses":[)" + both + "]}", 2),
               Catch::Contains("failed shards"));
    CHECK(damage("{\"took\":7,\"responses\":[" + reply("0", "false") + "]}", 1).empty());
}
