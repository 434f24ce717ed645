// SPDX-License-Identifier: MIT
#include "elastic/server.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "elastic/json.h"
#include "support/http_stub.h"

using namespace pwlog;
using test::HttpStub;
using test::StubReply;
using test::StubRequest;

namespace {

Result<ServerInfo> identify(const StubReply& banner) {
    HttpStub stub([&](const StubRequest&) { return banner; });
    auto client = HttpClient::open({});
    REQUIRE(client);
    return identify_server(*client, *ServerUrl::parse(stub.url(), false));
}

StubReply unmarked(int status, const std::string& body,
                   const std::string& type = "application/json") {
    return {.status = status, .body = body, .headers = {"Content-Type: " + type}};
}

constexpr auto es8 = R"({"name":"n","version":{"number":"8.19.21","build_flavor":"default"},
    "tagline":"You Know, for Search"})";
constexpr auto opensearch2 = R"({"version":{"distribution":"opensearch","number":"2.19.1"},
    "tagline":"The OpenSearch Project: https://opensearch.org/"})";

}  // namespace

TEST_CASE("Elasticsearch is known by its banner and its mark", "[elastic]") {
    const auto server = identify({.body = es8});
    REQUIRE(server);
    CHECK(server->product == ServerInfo::Product::elasticsearch);
    CHECK(server->major == 8);
    CHECK(server->minor == 19);
    CHECK(server->marks_answers());
    CHECK(server->name() == "Elasticsearch 8.19.21");
}

TEST_CASE("Elasticsearch before 7.14 has no mark, and needs none", "[elastic]") {
    const auto server = identify(
        unmarked(200, R"({"version":{"number":"7.13.4"},"tagline":"You Know, for Search"})"));
    REQUIRE(server);
    CHECK_FALSE(server->marks_answers());
}

TEST_CASE("OpenSearch is known by its distribution", "[elastic]") {
    const auto server = identify(unmarked(200, opensearch2));
    REQUIRE(server);
    CHECK(server->product == ServerInfo::Product::opensearch);
    CHECK_FALSE(server->marks_answers());
    CHECK(server->name() == "OpenSearch 2.19.1");
}

TEST_CASE("serverless is told apart", "[elastic]") {
    const auto server =
        identify({.body = R"({"version":{"number":"8.11.0","build_flavor":"serverless"},
        "tagline":"You Know, for Search"})"});
    REQUIRE(server);
    CHECK(server->serverless);
}

TEST_CASE("what is neither is refused with what it said", "[elastic]") {
    const auto [reply, words] = GENERATE(table<StubReply, std::string>({
        {unmarked(200, "<html>Login</html>", "text/html"), "text/html, begins '<html>Login"},
        {unmarked(200, "{}"), "begins '{}'"},
        {unmarked(200, es8), "HTTP 200"},  // 8.19 without its mark: something in between strips it
        {unmarked(302, ""), "HTTP 302"},
        {unmarked(404, "not here", "text/plain"), "HTTP 404"},
        {unmarked(200, R"({"version":{"number":8}})"), "HTTP 200"},
        {unmarked(200, R"({"version":{"number":"x"}})"), "HTTP 200"},
        {unmarked(200, std::string(400'000, '[')), "HTTP 200"},
        {unmarked(200, R"({"version":{"number":"1.0"},"tagline":"Minivisor"})"), "HTTP 200"},
        {unmarked(200, "\x1b]0;pwned\x07", "text/\x1b"), "\\x1b]0;"},
    }));
    const auto server = identify(reply);
    REQUIRE_FALSE(server);
    CHECK(server.error().kind == ErrorKind::invalid);
    CHECK(server.error().message.find("neither Elasticsearch nor OpenSearch") != std::string::npos);
    CHECK(server.error().message.find(words) != std::string::npos);
    CHECK(server.error().message.find('\x1b') == std::string::npos);
}

TEST_CASE("a refused login is denied, with the server's reason", "[elastic]") {
    const auto server = identify(
        {.status = 401,
         .body =
             R"({"error":{"type":"security_exception","reason":"unable to authenticate"},"status":401})"});
    REQUIRE_FALSE(server);
    CHECK(server.error().kind == ErrorKind::denied);
    CHECK(server.error().message.find("security_exception: unable to authenticate") !=
          std::string::npos);
}

TEST_CASE("a key that may not ask for the version still sees that it is Elasticsearch",
          "[elastic]") {
    const auto server = identify({.status = 403, .body = "{}"});
    REQUIRE(server);
    CHECK(server->version.empty());
    CHECK(server->marks_answers());
    CHECK(identify(unmarked(403, "{}")).error().kind == ErrorKind::denied);
    // As 8.19.21's own security says it: without the mark.
    const auto denied = identify(unmarked(
        403, R"({"error":{"root_cause":[],"type":"security_exception","reason":"action )"
             R"([cluster:monitor/main] is unauthorized for API key id [LJcRIqIBm1R6L_4pgh6h] of )"
             R"(user [setup], this action is granted by the cluster privileges )"
             R"([monitor,manage,all]"},"status":403})"));
    REQUIRE(denied);
    CHECK(denied->version.empty());
    CHECK(identify(unmarked(403, R"({"error":{"type":"security_exception","reason":)"
                                 R"("no permissions for [cluster:monitor/main] and User [x]"}})"))
              .error()
              .kind == ErrorKind::denied);
}

TEST_CASE("a server that is not ready is unavailable", "[elastic]") {
    const int status = GENERATE(408, 429, 500, 502, 503, 504);
    CHECK(identify(unmarked(status, "")).error().kind == ErrorKind::unavailable);
}

TEST_CASE("single values are taken out of JSON by their pointer", "[elastic]") {
    const std::string json = R"({"a":[{"b":"text","c":7}],"d/e":"x"})";
    CHECK(json_text(json, "/a/0/b") == "text");
    CHECK(json_text(json, "/d~1e") == "x");
    CHECK(json_integer(json, "/a/0/c") == 7);
    CHECK(json_text(json, "/a/0/c").empty());
    CHECK_FALSE(json_integer(json, "/a/1/c"));
    CHECK_FALSE(json_integer("{", "/a"));
    CHECK(json_text(std::string(1'000'000, ' ') + json, "/a/0/b").empty());
}
