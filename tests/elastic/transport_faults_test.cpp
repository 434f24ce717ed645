// SPDX-License-Identifier: MIT
#include <zlib.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <stop_token>
#include <string>
#include <thread>

#include "elastic/http.h"
#include "support/http_stub.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::HttpStub;
using test::StubReply;
using test::StubRequest;
using Framing = StubReply::Framing;
using End = StubReply::End;

namespace {

constexpr auto answer = R"({"errors":false,"items":[{"create":{"status":201}}]})";

Result<HttpReply> ask(const HttpStub& stub, const HttpOptions& options = {},
                      const std::stop_token& stop = {}) {
    auto client = HttpClient::open(options);
    REQUIRE(client);
    const auto url = ServerUrl::parse(stub.url(), false);
    REQUIRE(url);
    return client->send(*url, {.method = HttpMethod::post, .path = "/_bulk", .body = "{}\n"}, stop);
}

std::string gzip(const std::string& plain) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
    std::string packed(deflateBound(&stream, plain.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(packed.size() - stream.avail_out);
    deflateEnd(&stream);
    return packed;
}

}  // namespace

TEST_CASE("an answer with a declared end that is cut anywhere is an error", "[elastic]") {
    const auto framing = GENERATE(Framing::content_length, Framing::chunked);
    const auto end = GENERATE(End::close, End::reset);
    for (std::size_t cut = 0; cut < 150; cut += 7) {  // the whole answer is longer
        HttpStub stub([=](const StubRequest&) {
            return StubReply{.body = answer, .framing = framing, .end = end, .cut_after = cut};
        });
        const auto reply = ask(stub);
        INFO("cut after " << cut);
        REQUIRE_FALSE(reply);
        CHECK(reply.error().message.find("/_bulk: ") != std::string::npos);
    }
}

TEST_CASE("an answer without a declared end arrives cut, and only its text can tell", "[elastic]") {
    HttpStub stub([](const StubRequest&) {
        const std::size_t all_but_two = 128;
        return StubReply{.body = answer, .framing = Framing::until_close, .cut_after = all_but_two};
    });
    const auto reply = ask(stub);
    REQUIRE(reply);
    CHECK(reply->status == 200);
    CHECK(reply->body.size() < std::string(answer).size());
}

TEST_CASE("a request that is reset at any byte is an error of kind unavailable", "[elastic]") {
    for (std::size_t cut = 1; cut <= 150; cut += 15) {
        HttpStub stub([](const StubRequest&) { return StubReply{.body = answer}; });
        stub.reset_next_request_after(cut);
        const auto reply = ask(stub);
        REQUIRE_FALSE(reply);
        CHECK(reply.error().kind == ErrorKind::unavailable);
        CHECK(stub.requests().empty());
    }
}

TEST_CASE("a client works again after each fault", "[elastic]") {
    int count = 0;
    HttpStub stub([&count](const StubRequest&) {
        switch (count++ % 4) {
            case 0:
                return StubReply{.body = answer, .end = End::reset, .cut_after = 30};
            case 1:
                return StubReply{.body = answer, .end = End::close, .cut_after = 100};
            case 2:
                return StubReply{.body = answer, .end = End::hold, .cut_after = 100};
            default:
                return StubReply{.body = answer};
        }
    });
    auto client = HttpClient::open({.total_timeout = 300ms});
    REQUIRE(client);
    const auto url = ServerUrl::parse(stub.url(), false);
    int whole = 0;
    for (int i = 0; i < 12; ++i) {
        const auto reply =
            client->send(*url, {.method = HttpMethod::post, .path = "/", .body = "{}"});
        whole += reply && reply->body == answer ? 1 : 0;
    }
    CHECK(whole == 3);
}

TEST_CASE("silence, before or in the middle of an answer, ends at the timeout", "[elastic]") {
    const std::size_t cut = GENERATE(0, 20, 100);
    HttpStub stub([=](const StubRequest&) {
        return StubReply{.body = answer, .end = End::hold, .cut_after = cut};
    });
    const auto reply = ask(stub, {.total_timeout = 200ms});
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::timeout);
}

TEST_CASE("a request's own timeout wins", "[elastic]") {
    HttpStub stub([](const StubRequest&) { return StubReply{.end = End::hold, .cut_after = 0}; });
    auto client = HttpClient::open({});
    const auto url = ServerUrl::parse(stub.url(), false);
    const auto reply = client->send(*url, {.path = "/", .timeout = 100ms});
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::timeout);
}

TEST_CASE("an answer that comes byte by byte ends as stalled, long before the timeout",
          "[elastic]") {
    HttpStub stub(
        [](const StubRequest&) { return StubReply{.body = answer, .byte_pause = 500ms}; });
    const auto reply = ask(stub, {.total_timeout = 55s, .stalled_after = 1s});
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::timeout);
    CHECK(reply.error().message.find("too slow") != std::string::npos);
}

TEST_CASE("a slow answer that keeps coming is taken", "[elastic]") {
    HttpStub stub([](const StubRequest&) { return StubReply{.body = answer, .byte_pause = 2ms}; });
    const auto reply = ask(stub);
    REQUIRE(reply);
    CHECK(reply->body == answer);
}

TEST_CASE("a stop ends a waiting request at once", "[elastic]") {
    HttpStub stub([](const StubRequest&) { return StubReply{.end = End::hold, .cut_after = 0}; });
    std::stop_source source;
    std::jthread stopper([&] {
        stub.wait_for_requests(1);
        source.request_stop();
    });
    const auto begin = std::chrono::steady_clock::now();
    const auto reply = ask(stub, {}, source.get_token());
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::stopped);
    CHECK(std::chrono::steady_clock::now() - begin < 10s);  // the total timeout is 55 s
}

TEST_CASE("after a stop nothing is sent", "[elastic]") {
    HttpStub stub([](const StubRequest&) { return StubReply{.body = answer}; });
    std::stop_source source;
    source.request_stop();
    const auto reply = ask(stub, {}, source.get_token());
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::stopped);
    CHECK(stub.requests().empty());
}

TEST_CASE("a refused connection and an unknown name are unavailable", "[elastic]") {
    auto client = HttpClient::open({});
    REQUIRE(client);
    std::string closed_port;
    {
        const HttpStub stub([](const StubRequest&) { return StubReply{}; });
        closed_port = stub.url();
    }
    for (const auto& text : {closed_port, std::string("https://es1.invalid:9200")}) {
        const auto url = ServerUrl::parse(text, false);
        REQUIRE(url);
        const auto reply = client->send(*url, {.path = "/"});
        REQUIRE_FALSE(reply);
        CHECK(reply.error().kind == ErrorKind::unavailable);
        CHECK(reply.error().message.find(text) != std::string::npos);
        CHECK(reply.error().message.find("(curl ") != std::string::npos);
    }
}

TEST_CASE("a host or proxy of an unknown name says where the name is written", "[elastic]") {
    const auto url = ServerUrl::parse("https://es1.invalid:9200", false);
    REQUIRE(url);
    const auto message = [&](const HttpOptions& options) {
        auto client = HttpClient::open(options);
        REQUIRE(client);
        const auto reply = client->send(*url, {.path = "/"});
        REQUIRE_FALSE(reply);
        return reply.error().message;
    };
    CHECK_THAT(message({.named_in = "hosts in [elasticsearch]"}),
               Catch::EndsWith("(curl 6): check hosts in [elasticsearch], and the DNS of this "
                               "machine"));
    CHECK_THAT(message({.proxy = "http://proxy.invalid:3128"}),
               Catch::EndsWith("(curl 5): check proxy in [elasticsearch], and the DNS of this "
                               "machine"));
    CHECK_THAT(message({}), Catch::EndsWith("(curl 6)"));
}

TEST_CASE("an answer longer than the bound is refused, also one that unpacks to more",
          "[elastic]") {
    const std::string zeros(1'000'000, '0');
    const bool bomb = GENERATE(false, true);
    HttpStub stub([&](const StubRequest&) {
        return bomb ? StubReply{.body = gzip(zeros), .headers = {"Content-Encoding: gzip"}}
                    : StubReply{.body = zeros, .framing = Framing::until_close};
    });
    const auto reply = ask(stub, {.longest_reply = 999'999});
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::garbled);
    CHECK(reply.error().message.find("longer than 999999 bytes") != std::string::npos);
    CHECK(ask(stub, {.longest_reply = 1'000'000}));
}

TEST_CASE("endless headers are refused", "[elastic]") {
    HttpStub stub([](const StubRequest&) {
        StubReply reply{.body = answer};
        reply.headers.resize(100'000, "X-More: and more and more");
        return reply;
    });
    const auto reply = ask(stub);
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::garbled);
}

TEST_CASE("a gzip answer that is cut or damaged is an error", "[elastic]") {
    const auto packed = gzip(answer);
    const bool damaged = GENERATE(false, true);
    HttpStub stub([&](const StubRequest&) {
        std::string body = packed.substr(0, packed.size() - (damaged ? 0 : 12));
        if (damaged) {
            body[packed.size() / 2] = static_cast<char>(~body[packed.size() / 2]);
        }
        return StubReply{.body = body, .headers = {"Content-Encoding: gzip"}};
    });
    const auto reply = ask(stub);
    CHECK((!reply || reply->body != answer));
}

TEST_CASE("what is no HTTP is an error", "[elastic]") {
    HttpStub stub([](const StubRequest&) { return StubReply{}; });
    auto client = HttpClient::open({.total_timeout = 2s});
    const auto url =
        ServerUrl::parse("https" + stub.url().substr(4), false);  // TLS to a plain port
    const auto reply = client->send(*url, {.path = "/"});
    REQUIRE_FALSE(reply);
}
