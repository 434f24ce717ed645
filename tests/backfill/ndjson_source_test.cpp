#include "backfill/sources/ndjson_source.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <catch2/catch.hpp>

#include "source_reading.h"
#include "support/temp_dir.h"

using namespace pwlog;
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

std::string gzip(std::string_view plain) {
    z_stream stream{};
    constexpr int gzip_format = 16;
    REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + gzip_format, 8, Z_DEFAULT_STRATEGY) ==
            Z_OK);
    std::string packed(deflateBound(&stream, plain.size()), '\0');
    std::string input(plain);
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

std::string zstd(std::string_view plain) {
    std::string packed(ZSTD_compressBound(plain.size()), '\0');
    const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                       &ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);  // as the zstd program does
    packed.resize(
        ZSTD_compress2(context.get(), packed.data(), packed.size(), plain.data(), plain.size()));
    return packed;
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

TEST_CASE("gzip and zstd are recognised by content, members and frames follow each other",
          "[backfill]") {
    const TempDir folder;
    const auto text = many(3000);
    CHECK(read_all(*open_text(folder, gzip(text) + gzip(text))).size() == 6000);
    CHECK(read_all(*open_text(folder, zstd(text) + zstd(text))).size() == 6000);
}

TEST_CASE("what came before a truncated or damaged tail is used, and the damage is told",
          "[backfill]") {
    const TempDir folder;
    const auto text = many(3000);
    const bool use_zstd = GENERATE(false, true);
    const auto whole = use_zstd ? zstd(text) : gzip(text);
    for (const std::size_t cut : {std::size_t{1}, std::size_t{9}, whole.size() / 2}) {
        const auto source = open_text(folder, whole.substr(0, whole.size() - cut));
        const auto records = read_all(*source);
        CAPTURE(cut, records.size());
        CHECK_THAT(source->damage(), Catch::Contains("break off"));
        // zstd gives out whole blocks of 128 KiB only.
        const std::size_t expected = use_zstd ? 1000 : cut < 10 ? 2990 : 500;
        CHECK(records.size() >= expected);
        for (std::size_t i = 0; i + 1 < records.size(); ++i) {
            CHECK(records[i].kind == SourceRecord::Kind::document);
        }
    }
    auto flipped = whole;
    flipped[flipped.size() / 2] = static_cast<char>(~flipped[flipped.size() / 2]);
    const auto source = open_text(folder, flipped);
    read_all(*source);
    CHECK_FALSE(source->damage().empty());
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
