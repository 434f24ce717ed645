// SPDX-License-Identifier: MIT
#include "elastic/http.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/http_stub.h"
#include "support/temp_dir.h"

using namespace pwlog;
using test::HttpStub;
using test::StubReply;
using test::StubRequest;

namespace {

ServerUrl url_of(const HttpStub& stub) {
    auto url = ServerUrl::parse(stub.url(), false);
    REQUIRE(url);
    return *url;
}

HttpClient client_with(const HttpOptions& options = {}) {
    auto client = HttpClient::open(options);
    REQUIRE(client);
    return std::move(*client);
}

StubReply empty_object(const StubRequest&) { return {.body = "{}"}; }

HttpRequest bulk(std::string_view body) {
    return {.method = HttpMethod::post,
            .path = "/_bulk?a=b",
            .body = body,
            .content_type = "application/x-ndjson"};
}

}  // namespace

TEST_CASE("status, body and the headers that matter come back", "[elastic]") {
    HttpStub stub([](const StubRequest&) {
        return StubReply{.status = 429,
                         .body = "{\"a\":1}",
                         .headers = {"Content-Type: application/json;charset=utf-8",
                                     "x-elastic-product: Elasticsearch", "Retry-After: 7"}};
    });
    auto client = client_with();
    const auto reply = client.send(url_of(stub), {.path = "/x"});
    REQUIRE(reply);
    CHECK(reply->status == 429);
    CHECK(reply->body == "{\"a\":1}");
    CHECK(reply->content_type == "application/json;charset=utf-8");
    CHECK(reply->elastic_product == "Elasticsearch");
    CHECK(reply->retry_after == std::chrono::seconds(7));
}

TEST_CASE("Retry-After is read as seconds or a date, and rubbish is none", "[elastic]") {
    const auto [value, shortest, longest] = GENERATE(table<std::string, int, int>({
        {"5", 5, 5},
        {"86400", 86400, 86400},
        {"99999999999999999999", 0, 0},
        {"Fri, 31 Dec 2125 23:59:59 GMT", 86400, 86400},
        {"0", 0, 0},
        {"-5", 0, 0},
        {"soon", 0, 0},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 0, 0},
        {"", 0, 0},
    }));
    CAPTURE(value);
    HttpStub stub([line = "Retry-After: " + value](const StubRequest&) {
        return StubReply{.status = 503, .headers = {line}};
    });
    const auto reply = client_with().send(url_of(stub), {.path = "/"});
    REQUIRE(reply);
    const auto seconds = reply->retry_after.value_or(std::chrono::seconds(0)).count();
    CHECK(seconds >= shortest);
    CHECK(seconds <= longest);
}

TEST_CASE("headers of one answer are not seen in the next", "[elastic]") {
    int count = 0;
    HttpStub stub([&count](const StubRequest&) {
        return ++count == 1
                   ? StubReply{.headers = {"X-Elastic-Product: Elasticsearch", "Retry-After: 7"}}
                   : StubReply{.headers = {}};
    });
    auto client = client_with();
    REQUIRE(client.send(url_of(stub), {.path = "/"}));
    const auto second = client.send(url_of(stub), {.path = "/"});
    REQUIRE(second);
    CHECK(second->elastic_product.empty());
    CHECK_FALSE(second->retry_after);
}

TEST_CASE("requests share one connection", "[elastic]") {
    HttpStub stub(empty_object);
    auto client = client_with();
    for (int i = 0; i < 3; ++i) {
        REQUIRE(client.send(url_of(stub), bulk("{}\n")));
    }
    REQUIRE(stub.requests().size() == 3);
    CHECK(stub.requests().back().connection == 0);
}

TEST_CASE("each method goes out as itself", "[elastic]") {
    HttpStub stub(empty_object);
    auto client = client_with();
    const auto [method, name] =
        GENERATE(table<HttpMethod, std::string>({{HttpMethod::get, "GET"},
                                                 {HttpMethod::post, "POST"},
                                                 {HttpMethod::put, "PUT"},
                                                 {HttpMethod::del, "DELETE"}}));
    const auto reply = client.send(url_of(stub), {.method = method, .path = "/x?y=z"});
    REQUIRE(reply);
    CHECK(reply->body == "{}");
    REQUIRE(stub.requests().size() == 1);
    CHECK(stub.requests()[0].method == name);
    CHECK(stub.requests()[0].target == "/x?y=z");
    CHECK(stub.requests()[0].headers.count("content-type") == 0);
}

TEST_CASE("a long body is sent as gzip with its length, without Expect and in one piece",
          "[elastic]") {
    HttpStub stub(empty_object);
    auto client = client_with();
    std::string body;
    for (int i = 0; body.size() < 2'000'000;
         ++i) {  // above the size where libcurl would add Expect
        body += "{\"n\":" + std::to_string(i * 7919) + "}\n";
    }
    REQUIRE(client.send(url_of(stub), bulk(body)));
    REQUIRE(client.send(url_of(stub), bulk(body)));  // the compressor works twice
    for (auto& request : stub.requests()) {
        CHECK(request.body == body);
        CHECK(request.headers["content-encoding"] == "gzip");
        CHECK(std::stoul(request.headers["content-length"]) < body.size() / 2);
        CHECK(request.headers.count("expect") == 0);
        CHECK(request.headers.count("transfer-encoding") == 0);
        CHECK(request.headers["content-type"] == "application/x-ndjson");
        CHECK(request.headers["accept-encoding"] == "gzip");
    }
}

TEST_CASE("short bodies, and all of them without gzip, go as they are", "[elastic]") {
    HttpStub stub(empty_object);
    const bool gzip = GENERATE(false, true);
    auto client = client_with({.gzip = gzip});
    const std::string body(gzip ? 1000 : 3'000'000, 'x');
    REQUIRE(client.send(url_of(stub), bulk(body)));
    auto request = stub.requests().at(0);
    CHECK(request.body == body);
    CHECK(request.headers.count("content-encoding") == 0);
    CHECK(request.headers.count("expect") == 0);
}

TEST_CASE("each way to prove who we are makes its Authorization line", "[elastic]") {
    HttpStub stub(empty_object);
    const auto [scheme, user, secret, line] =
        GENERATE(table<AuthScheme, std::string, std::string, std::string>({
            {AuthScheme::api_key, "", "VnVhQ2ZHY0JDZGJrUQ==", "ApiKey VnVhQ2ZHY0JDZGJrUQ=="},
            {AuthScheme::api_key, "", "id:key", "ApiKey aWQ6a2V5"},
            {AuthScheme::basic, "elastic", "pass:word", "Basic ZWxhc3RpYzpwYXNzOndvcmQ="},
            {AuthScheme::basic, "a", "b", "Basic YTpi"},
            {AuthScheme::bearer, "", "t0ken", "Bearer t0ken"},
        }));
    auto client = client_with({.auth = scheme, .username = user, .secret = Secret(secret)});
    REQUIRE(client.send(url_of(stub), {.path = "/"}));
    CHECK(stub.requests().at(0).headers["authorization"] == line);
}

TEST_CASE("a key that an answer repeats is hidden in it", "[elastic]") {
    HttpStub stub([](const StubRequest& request) {
        const auto& key = request.headers.at("authorization");
        return StubReply{.status = 400,
                         .body = "refused: " + key + " " + key,
                         .headers = {"Content-Type: text/" + key}};
    });
    HttpOptions options;
    options.auth = AuthScheme::api_key;
    options.secret = Secret("name:a-key-of-some-length");
    const auto reply = client_with(options).send(url_of(stub), {.path = "/"});
    REQUIRE(reply);
    const std::string hidden = "ApiKey " + std::string(36, '*');
    CHECK(reply->body == "refused: " + hidden + " " + hidden);
    CHECK(reply->content_type == "text/" + hidden);
}

TEST_CASE("no authentication sends no Authorization line", "[elastic]") {
    HttpStub stub(empty_object);
    auto client = client_with();
    REQUIRE(client.send(url_of(stub), {.path = "/"}));
    CHECK(stub.requests().at(0).headers.count("authorization") == 0);
}

TEST_CASE("authentication without its secret or user does not start", "[elastic]") {
    CHECK_FALSE(HttpClient::open({.auth = AuthScheme::api_key}));
    CHECK_FALSE(HttpClient::open({.auth = AuthScheme::basic, .secret = Secret(std::string("x"))}));
    CHECK_FALSE(HttpClient::open(
        {.auth = AuthScheme::basic, .username = "a:b", .secret = Secret(std::string("x"))}));
}

TEST_CASE("a redirect is an answer like any other: the second server gets nothing", "[elastic]") {
    HttpStub second(empty_object);
    const int status = GENERATE(301, 302, 303, 307, 308);
    HttpStub first([&](const StubRequest&) {
        return StubReply{.status = status, .headers = {"Location: " + second.url() + "/"}};
    });
    auto client =
        client_with({.auth = AuthScheme::bearer, .secret = Secret(std::string("c4nary"))});
    const auto reply = client.send(url_of(first), bulk("{}\n"));
    REQUIRE(reply);
    CHECK(reply->status == status);
    CHECK(second.requests().empty());
}

TEST_CASE("proxies from the environment are not used", "[elastic]") {
    HttpStub proxy(empty_object);
    HttpStub stub(empty_object);
    for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) {
        REQUIRE(setenv(name, proxy.url().c_str(), 1) == 0);
    }
    auto client = client_with();
    const auto reply = client.send(url_of(stub), {.path = "/"});
    for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) {
        unsetenv(name);
    }
    REQUIRE(reply);
    CHECK(proxy.requests().empty());
    CHECK(stub.requests().size() == 1);
}

TEST_CASE("a configured proxy is used", "[elastic]") {
    HttpStub proxy(empty_object);
    auto client = client_with({.proxy = proxy.url()});
    const auto url = ServerUrl::parse("http://es1.invalid:9200", true);
    REQUIRE(url);
    REQUIRE(client.send(*url, {.path = "/x"}));
    CHECK(proxy.requests().at(0).target == "http://es1.invalid:9200/x");
}

TEST_CASE("a proxy's password that was replaced in its file is read again where it is refused",
          "[elastic]") {
    const test::TempDir folder;
    const auto file = folder.path() / "password";
    const auto write = [&file](const std::string& text) {
        std::ofstream(file) << text << '\n';
        std::filesystem::permissions(
            file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    };
    // http: the proxy answers for the server; https: it refuses to be a tunnel.
    const bool is_tunnel = GENERATE(false, true);
    HttpStub proxy([is_tunnel](const StubRequest& request) {
        const auto login = request.headers.find("proxy-authorization");
        const bool good = login != request.headers.end() && login->second == "Basic bWU6bmV3";
        return StubReply{.status = !good       ? 407
                                   : is_tunnel ? 502
                                               : 200,
                         .body = "{}",
                         .headers = {"Proxy-Authenticate: Basic realm=\"proxy\""}};
    });
    write("old");
    auto client = client_with({.proxy = proxy.url(),
                               .proxy_username = "me",
                               .proxy_password = Secret("old"),
                               .proxy_password_file = file});
    const auto url =
        ServerUrl::parse(is_tunnel ? "https://es1.invalid:9200" : "http://es1.invalid:9200", true);
    REQUIRE(url);
    const auto answer = [&]() -> std::string {
        const auto reply = client.send(*url, {.path = "/"});
        return reply ? std::to_string(reply->status) : reply.error().message;
    };
    CHECK_THAT(answer(), Catch::Contains("407"));
    write("new");
    CHECK_THAT(answer(), Catch::Contains(is_tunnel ? "502" : "200"));
}

TEST_CASE("a key that was replaced in its file is read again where the old one is refused",
          "[elastic]") {
    const test::TempDir folder;
    const auto file = folder.path() / "key";
    const auto write = [&file](const std::string& text) {
        std::ofstream(file) << text << '\n';
        std::filesystem::permissions(
            file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    };
    const auto [scheme, prefix, status] = GENERATE(table<AuthScheme, std::string, int>({
        {AuthScheme::api_key, "ApiKey ", 401},
        {AuthScheme::bearer, "Bearer ", 403},
        {AuthScheme::basic, "Basic ", 401},
    }));
    const bool basic = scheme == AuthScheme::basic;
    const std::string good = prefix + (basic ? "bWU6bmV3" : "new");  // me:new
    HttpStub stub([&good, code = status](const StubRequest& request) {
        return StubReply{.status = request.headers.at("authorization") == good ? 200 : code,
                         .body = "{}"};
    });
    write("old");
    HttpOptions options{.auth = scheme, .secret = Secret("old"), .secret_file = file};
    options.username = basic ? "me" : "";
    auto client = client_with(options);
    const auto get = [&] {
        const auto reply = client.send(url_of(stub), {.path = "/"});
        REQUIRE(reply);
        return reply->status;
    };
    CHECK(get() == status);
    CHECK(stub.requests().size() == 1);  // nothing new in the file: not sent again
    write("");
    CHECK(get() == status);  // half of the replacing is done
    write("new");
    CHECK(get() == 200);
    CHECK(stub.requests().size() == 4);
    CHECK(get() == 200);
    CHECK(stub.requests().size() == 5);
    write("newer");
    CHECK(client.renew_credentials());
    CHECK_FALSE(client.renew_credentials());
    CHECK(get() == status);
}
