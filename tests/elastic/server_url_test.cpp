// SPDX-License-Identifier: MIT
#include "elastic/server_url.h"

#include <catch2/catch.hpp>
#include <string>

using namespace pwlog;

TEST_CASE("a server's address is kept without the slash at its end", "[elastic]") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"https://es1:9200", "https://es1:9200"},
        {"https://es1:9200/", "https://es1:9200"},
        {"https://proxy.example/es//", "https://proxy.example/es"},
        {"https://[fd00::1]:9200", "https://[fd00::1]:9200"},
        {"http://[::1]:9201/", "http://[::1]:9201"},
    }));
    const auto url = ServerUrl::parse(text, false);
    REQUIRE(url);
    CHECK(url->text() == expected);
}

TEST_CASE("plain HTTP goes to this machine only, unless the configuration allows it", "[elastic]") {
    const std::string here = GENERATE("http://localhost:9200", "http://127.0.0.1",
                                      "http://127.8.9.1:1", "http://[::1]:9200");
    CHECK(ServerUrl::parse(here, false));
    const std::string there =
        GENERATE("http://es1:9200", "http://10.0.0.1", "http://127.0.0.1.evil.example",
                 "http://localhost.evil.example", "http://[::2]:9200", "http://127.1");
    CHECK_FALSE(ServerUrl::parse(there, false));
    CHECK(ServerUrl::parse(there, true));
}

TEST_CASE("an address that could be read in two ways is refused", "[elastic]") {
    const std::string text = GENERATE(
        "", "es1:9200", "ftp://es1", "https://", "https://:9200", "https://es1:", "https://es1:0",
        "https://es1:65536", "https://es1:92x0", "https://es1:9200?a=b", "https://es1:9200/#x",
        "https://es 1", "https://es1\n", "https://es1\\@evil", "https://es1/%2e%2e", "https://[::1",
        "https://::1", "HTTPS://es1", "file:///etc/passwd", "https://es1:9200:9300");
    const auto url = ServerUrl::parse(text, true);
    REQUIRE_FALSE(url);
    CHECK(url.error().kind == ErrorKind::invalid);
}

TEST_CASE("user and password in an address are refused and not repeated", "[elastic]") {
    const auto url = ServerUrl::parse("https://elastic:c4nary@es1:9200", false);
    REQUIRE_FALSE(url);
    CHECK(url.error().message.find("c4nary") == std::string::npos);
    CHECK(url.error().message.find("password_file") != std::string::npos);
}
