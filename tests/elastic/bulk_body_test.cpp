// SPDX-License-Identifier: MIT
#include <rapidjson/document.h>

#include <catch2/catch.hpp>
#include <string>

#include "elastic/bulk.h"

using namespace pwlog;
using Added = BulkBody::Added;

TEST_CASE("a bulk body is an action line and a document line each", "[elastic]") {
    BulkBody body;
    CHECK(body.add("events-1", "a", R"({"x":1})") == Added::yes);
    CHECK(body.add("metrics-1", "", R"({"x":2})") == Added::yes);
    CHECK(body.add("metrics-1", "", R"({"x":3})") == Added::yes);
    CHECK(body.add("metrics-2", "", R"({"x":4})") == Added::yes);
    CHECK(body.add("events-1", "b", R"({"x":5})") == Added::yes);
    CHECK(body.count() == 5);
    CHECK(body.text() ==
          "{\"create\":{\"_index\":\"events-1\",\"_id\":\"a\"}}\n{\"x\":1}\n"
          "{\"create\":{\"_index\":\"metrics-1\"}}\n{\"x\":2}\n"
          "{\"create\":{\"_index\":\"metrics-1\"}}\n{\"x\":3}\n"
          "{\"create\":{\"_index\":\"metrics-2\"}}\n{\"x\":4}\n"
          "{\"create\":{\"_index\":\"events-1\",\"_id\":\"b\"}}\n{\"x\":5}\n");
}

TEST_CASE("an id with quotes, line ends and control characters cannot break the request",
          "[elastic]") {
    const std::string id("a\"}}\n{\"delete\":{}}\r\x01\\");
    BulkBody body;
    REQUIRE(body.add("i\n\"", id, "{}") == Added::yes);
    const auto& text = body.text();
    REQUIRE(std::count(text.begin(), text.end(), '\n') == 2);
    rapidjson::Document action;
    action.Parse(text.data(), text.find('\n'));
    REQUIRE_FALSE(action.HasParseError());
    CHECK(action["create"]["_id"].GetString() == id);
    CHECK(action["create"]["_index"].GetString() == std::string("i\n\""));
}

TEST_CASE("a document that is empty or holds a line end is not sent", "[elastic]") {
    BulkBody body;
    CHECK(body.add("i", "a", "") == Added::invalid);
    CHECK(body.add("i", "a", "{}\n{\"index\":{}}") == Added::invalid);
    CHECK(body.text().empty());
    CHECK(body.count() == 0);
}

TEST_CASE("a body holds so many documents and no more", "[elastic]") {
    BulkBody body({.documents = 3});
    for (int i = 0; i < 3; ++i) {
        CHECK(body.add("i", "", "{}") == Added::yes);
    }
    CHECK(body.add("i", "", "{}") == Added::full);
    CHECK(body.count() == 3);
    body.clear();
    CHECK(body.text().empty());
    CHECK(body.add("i", "", "{}") == Added::yes);
}

TEST_CASE("a body never grows past its bytes, but for a lone document", "[elastic]") {
    BulkBody body({.bytes = 100});
    const std::string huge = "{\"x\":\"" + std::string(500, 'x') + "\"}";
    while (body.add("i", "", "{}") == Added::yes) {
        CHECK(body.text().size() <= 100);
    }
    CHECK(body.count() == 3);  // 26 bytes of action line and 3 of document
    CHECK(body.add("i", "", huge) == Added::full);
    body.clear();
    CHECK(body.add("i", "", huge) == Added::yes);
    CHECK(body.add("i", "", "{}") == Added::full);
}
