// SPDX-License-Identifier: MIT
#include "control/control_protocol.h"

#include <catch2/catch.hpp>

#include "support/hostile_json.h"

using namespace pwlog;

TEST_CASE("a request comes out as it went in", "[agent]") {
    ControlRequest request{.name = "pdu", .arguments = {}};
    request.arguments["args"] = std::vector<std::string>{"shutdown", "Küche \"8\"\n"};
    request.arguments["limit"] = std::int64_t{10};
    request.arguments["rate"] = 0.5;
    request.arguments["device"] = std::string("rack1-pdu");
    request.arguments["dry"] = true;
    const std::string line = encode_request(request);
    CHECK(line.find('\n') == std::string::npos);
    const auto decoded = decode_request(line);
    REQUIRE(decoded);
    CHECK(decoded->name == "pdu");
    CHECK(decoded->arguments == request.arguments);
    CHECK(decoded->get<std::int64_t>("limit") == 10);
    CHECK_FALSE(decoded->get<std::int64_t>("device"));
    CHECK_FALSE(decoded->get<bool>("absent"));
}

TEST_CASE("what is no request is refused with the reason", "[agent]") {
    const std::string deep(100'000, '[');
    for (const std::string& line :
         {std::string(), std::string("status"), std::string("[]"), std::string("{}"),
          std::string(R"({"request":1})"), std::string(R"({"request":"a","b":null})"),
          std::string(R"({"request":"a","b":{"c":1}})"), std::string(R"({"request":"a","b":[1]})"),
          std::string(R"({"request":"a"} x)"), std::string("{\"request\":\"\xff\"}"), deep,
          R"({"a":)" + deep}) {
        const auto decoded = decode_request(line);
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error().kind == ErrorKind::invalid);
        CHECK(decoded.error().message.size() < 300);
    }
}

TEST_CASE("an answer's lines come out as they went in", "[agent]") {
    const auto data = decode_reply(encode_data(R"({"done":true,"error":"no"})"));
    REQUIRE(data);
    CHECK_FALSE(data->last);
    CHECK(data->data == R"({"done":true,"error":"no"})");

    const auto done = decode_reply(encode_done());
    REQUIRE(done);
    CHECK(done->last);
    CHECK_FALSE(done->error);

    const auto failed = decode_reply(encode_error({ErrorKind::wrong_device, "PI97 \"answers\""}));
    REQUIRE(failed);
    REQUIRE(failed->error);
    CHECK(failed->error->kind == ErrorKind::wrong_device);
    CHECK(failed->error->message == "PI97 \"answers\"");
}

TEST_CASE("what is no answer is garbled", "[agent]") {
    for (const auto* line : {"", "HTTP/1.1 200 OK", "{}", R"({"done":false})", R"({"error":"x"})",
                             R"({"data":)", "[1]"}) {
        INFO(line);
        const auto decoded = decode_reply(line);
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error().kind == ErrorKind::garbled);
    }
}

TEST_CASE("every kind of error has its own name on the socket", "[agent]") {
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::io); ++kind) {
        const auto error = static_cast<ErrorKind>(kind);
        const auto decoded = decode_reply(encode_error({error, "x"}));
        REQUIRE(decoded);
        REQUIRE(decoded->error);
        CHECK(decoded->error->kind == error);
    }
}

TEST_CASE("a line on the socket that is nested without end is refused", "[agent]") {
    for (const auto& value : test::hostile_values()) {
        CHECK_FALSE(decode_request(value));
        CHECK_FALSE(decode_request(R"({"request":"status","a":)" + value + "}"));
        CHECK_FALSE(decode_reply(value));
        CHECK_FALSE(decode_reply(R"({"done":)" + value + "}"));
    }
}
