// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "elastic/bulk.h"

using namespace pwlog;
using O = Outcome;

namespace {

std::string item(const std::string& inner) { return "{\"create\":{" + inner + "}}"; }

std::string reply_of(const std::vector<std::string>& items) {
    return fmt::format("{{\"errors\":true,\"items\":[{}]}}", fmt::join(items, ","));
}

void check_garbled(const std::string& body, std::size_t expected) {
    const auto reply = parse_bulk_reply(body, expected);
    INFO(body.substr(0, 200));
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::garbled);
    CHECK(reply.error().message.size() < 600);
}

}  // namespace

TEST_CASE("each item's verdict stands at its document's place", "[elastic]") {
    const auto reply = parse_bulk_reply(
        reply_of({item("\"status\":201"), item("\"status\":409,\"error\":{\"type\":\"t\"}"),
                  item("\"status\":429,\"error\":{\"type\":\"es_rejected_execution_exception\"}"),
                  item("\"status\":400,\"error\":{\"type\":\"document_parsing_exception\","
                       "\"reason\":\"[1:5] failed\"}"),
                  item("\"status\":200")}),
        5);
    REQUIRE(reply);
    CHECK(reply->outcomes ==
          std::vector<O>{O::stored, O::duplicate, O::kept, O::rejected, O::stored});
    REQUIRE(reply->problems.size() == 2);
    CHECK(reply->problems[0].position == 2);
    CHECK(reply->problems[0].status == 429);
    CHECK(reply->problems[0].concerns == Concerns::node);
    CHECK(reply->problems[1].position == 3);
    CHECK(reply->problems[1].concerns == Concerns::document);
    CHECK(reply->problems[1].type == "document_parsing_exception");
    CHECK(reply->problems[1].reason == "[1:5] failed");
}

TEST_CASE("errors:false acknowledges nothing that its items do not", "[elastic]") {
    const auto reply = parse_bulk_reply(
        R"({"errors":false,"items":[{"create":{"status":201}},{"create":{"status":503}}]})", 2);
    REQUIRE(reply);
    CHECK(reply->outcomes == std::vector<O>{O::stored, O::kept});
    CHECK(reply->problems.at(0).concerns == Concerns::index);
}

TEST_CASE("an unfiltered answer of Elasticsearch is read too", "[elastic]") {
    const auto reply = parse_bulk_reply(
        R"({"took":30,"ingest_took":1.5,"errors":true,"x":{"y":[1,{"z":null}],"status":1},"items":[
        {"create":{"_index":"i","_id":"1","_version":1,"result":"created","_shards":{"total":2,"failed":0},
        "_seq_no":0,"status":201,"failure_store":"used"}},
        {"create":{"_index":"i","_id":"2","status":400,"failure_store":"not_enabled","error":{"type":"t",
        "reason":null,"caused_by":{"type":"deeper","reason":"deeper","caused_by":{"type":"x"}}}}}]})",
        2);
    REQUIRE(reply);
    CHECK(reply->outcomes == std::vector<O>{O::stored, O::kept});
    CHECK(reply->in_failure_store == 1);
    REQUIRE(reply->problems.size() == 1);
    CHECK(reply->problems[0].concerns == Concerns::unknown);
    CHECK(reply->problems[0].type == "t");
    CHECK(reply->problems[0].reason.empty());
}

TEST_CASE("a reason is printable and bounded", "[elastic]") {
    const auto reply = parse_bulk_reply(
        reply_of({item("\"status\":400,\"error\":{\"type\":\"\\u001b[31m\",\"reason\":\"a\\nb" +
                       std::string(5000, 'x') + "\"}")}),
        1);
    REQUIRE(reply);
    CHECK(reply->problems.at(0).type == "\\x1b[31m");
    CHECK(reply->problems.at(0).reason.starts_with("a\\nbx"));
    CHECK(reply->problems.at(0).reason.size() < 1100);
}

TEST_CASE("the reason of one item does not stick to the next", "[elastic]") {
    const auto reply = parse_bulk_reply(
        reply_of({item("\"status\":400,\"error\":{\"type\":\"t\",\"reason\":\"r\"}"),
                  item("\"status\":404")}),
        2);
    REQUIRE(reply);
    CHECK(reply->problems.at(1).type.empty());
    CHECK(reply->problems.at(1).reason.empty());
}

TEST_CASE("a bulk answer cut at any byte acknowledges nothing", "[elastic]") {
    const auto whole =
        reply_of({item("\"status\":201"), item("\"status\":400,\"error\":{\"type\":\"t\"}")});
    REQUIRE(parse_bulk_reply(whole, 2));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        check_garbled(whole.substr(0, length), 2);
    }
}

TEST_CASE("each byte of the usual answer counts as much as in any other", "[elastic]") {
    const std::string whole =
        R"({"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]})";
    REQUIRE(parse_bulk_reply(whole, 2)->outcomes == std::vector<O>{O::stored, O::stored});
    check_garbled(whole, 1);
    check_garbled(whole, 3);
    check_garbled(whole, 0);
    const auto compare = [](const std::string& changed) {
        INFO(changed);
        // A blank that means nothing, and it is no usual answer any more.
        const auto usual = parse_bulk_reply(changed, 2);
        const auto other = parse_bulk_reply(std::string(changed).insert(1, " "), 2);
        REQUIRE(usual.has_value() == other.has_value());
        CHECK((!usual || usual->outcomes == other->outcomes));
    };
    for (std::size_t at = 0; at < whole.size(); ++at) {
        compare(std::string(whole).erase(at, 1));
        for (const char other : {'0', '9', ' ', '"', ',', '}', ']', 'x', '\0'}) {
            compare(std::string(whole).replace(at, 1, 1, other));
            compare(std::string(whole).insert(at, 1, other));
        }
    }
}

TEST_CASE("more or fewer items than documents acknowledge nothing", "[elastic]") {
    const auto one = item("\"status\":201");
    check_garbled(reply_of({}), 1);
    check_garbled(reply_of({one}), 2);
    check_garbled(reply_of({one, one}), 1);
    check_garbled(reply_of({one}), 0);
    check_garbled(reply_of(std::vector<std::string>(100'000, one)), 3);
}

TEST_CASE("hostile and foreign answers acknowledge nothing", "[elastic]") {
    const std::string body = GENERATE(
        "", " ", "null", "[]", "{}", "201", "\"items\"", "<html>200 OK</html>",
        R"({"errors":false})", R"({"items":[{"create":{"status":201}}]})",
        R"({"errors":false,"items":null})", R"({"errors":false,"items":{}})",
        R"({"errors":false,"items":{"create":{"status":201}}})",
        R"({"errors":"false","items":[{"create":{"status":201}}]})",
        R"({"errors":0,"items":[{"create":{"status":201}}]})",
        R"({"errors":null,"items":[{"create":{"status":201}}]})",
        R"({"errors":false,"items":[null]})", R"({"errors":false,"items":[201]})",
        R"({"errors":false,"items":[[]]})", R"({"errors":false,"items":[{}]})",
        R"({"errors":false,"items":[{"create":{}}]})",
        R"({"errors":false,"items":[{"create":null}]})",
        R"({"errors":false,"items":[{"create":201}]})",
        R"({"errors":false,"items":[{"create":[201]}]})",
        R"({"errors":false,"items":[{"index":{"status":201}}]})",
        R"({"errors":false,"items":[{"delete":{"status":200}}]})",
        R"({"errors":false,"items":[{"create":{"status":"201"}}]})",
        R"({"errors":false,"items":[{"create":{"status":201.0}}]})",
        R"({"errors":false,"items":[{"create":{"status":2.01e2}}]})",
        R"({"errors":false,"items":[{"create":{"status":-201}}]})",
        R"({"errors":false,"items":[{"create":{"status":4294967497}}]})",
        R"({"errors":false,"items":[{"create":{"status":NaN}}]})",
        R"({"errors":false,"items":[{"create":{"status":Infinity}}]})",
        R"({"errors":false,"items":[{"create":{"status":null}}]})",
        R"({"errors":false,"items":[{"create":{"status":true}}]})",
        R"({"errors":false,"items":[{"create":{"status":[201]}}]})",
        R"({"errors":false,"items":[{"create":{"status":{"a":201}}}]})",
        R"({"errors":false,"items":[{"create":{"status":400,"status":201}}]})",
        R"({"errors":false,"items":[{"create":{"status":201},"create":{"status":201}}]})",
        R"({"errors":false,"items":[{"create":{"status":201},"x":{"status":201}}]})",
        R"({"errors":false,"items":[],"items":[{"create":{"status":201}}]})",
        R"({"errors":false,"errors":false,"items":[{"create":{"status":201}}]})",
        R"({"errors":false,"items":[{"create":{"status":201,"error":"text"}}]})",
        R"({"errors":false,"items":[{"create":{"status":201,"error":{},"error":{}}}]})",
        R"({"errors":false,"items":[{"create":{"status":201,"error":{"type":1}}}]})",
        R"({"errors":false,"items":[{"create":{"status":201,"failure_store":1}}]})",
        R"({"errors":false,"items":[{"create":{"status":201}}]}{})",
        R"({"errors":false,"items":[{"create":{"status":201}}]} x)",
        R"({"errors":false,"items":[{"create":{"status":201}},]})",
        R"({"errors":false,"items":[{"create":{"status":201,}}]})",
        R"({"errors":false,"items":[{"create":{"status":0201}}]})",
        R"({'errors':false,'items':[{'create':{'status':201}}]})",
        R"([{"errors":false,"items":[{"create":{"status":201}}]}])",
        "{\"errors\":false,\"items\":[{\"create\":{\"status\":201,\"x\":\"\xff\xfe\"}}]}",
        "{\"errors\":false,\"items\":[{\"create\":{\"status\":201,\"x\":\"\xc0\x80\"}}]}",
        std::string("{\"errors\":false,\"items\":[{\"create\":{\"status\":201}}]}\0rest", 52),
        std::string("\xef\xbb\xbf{\"errors\":false,\"items\":[{\"create\":{\"status\":201}}]}"));
    check_garbled(body, 1);
}

TEST_CASE("a million brackets neither overflow the stack nor acknowledge anything", "[elastic]") {
    const std::string open = GENERATE("[", "{\"a\":", "[{\"a\":");
    const std::string before =
        GENERATE("", "{\"x\":", "{\"errors\":false,\"items\":[{\"create\":{\"status\":201,\"x\":");
    std::string body = before;
    for (int i = 0; i < 1'000'000; ++i) {
        body += open;
    }
    check_garbled(body, 1);
}

TEST_CASE("a few million skipped values cost no memory", "[elastic]") {
    std::string body = R"({"x":[0)";
    for (int i = 0; i < 2'000'000; ++i) {
        body += ",0";
    }
    body += R"(],"errors":false,"items":[{"create":{"status":201}}]})";
    CHECK(parse_bulk_reply(body, 1));
}
