// SPDX-License-Identifier: MIT
#include "elastic/hosts.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace pwlog;
using namespace std::chrono_literals;

namespace {

Hosts hosts_named(const std::vector<std::string>& names) {
    std::vector<ServerUrl> servers;
    for (const auto& name : names) {
        servers.push_back(*ServerUrl::parse("https://" + name, false));
    }
    return Hosts(std::move(servers), 60s);
}

const SteadyTime start{};

}  // namespace

TEST_CASE("a good host is kept", "[elastic]") {
    auto hosts = hosts_named({"a", "b"});
    hosts.succeeded();
    hosts.succeeded();
    CHECK(hosts.current().text() == "https://a");
}

TEST_CASE("a failing host is left for the next, and that one is kept", "[elastic]") {
    auto hosts = hosts_named({"a", "b", "c"});
    CHECK(hosts.failed(start));
    CHECK(hosts.current().text() == "https://b");
    hosts.succeeded();
    CHECK(hosts.current().text() == "https://b");
    CHECK(hosts.failed(start + 1s));
    CHECK(hosts.current().text() == "https://c");
}

TEST_CASE("a failed host is skipped while it rests and comes back after", "[elastic]") {
    auto hosts = hosts_named({"a", "b"});
    CHECK(hosts.failed(start));              // a rests until 60 s
    CHECK_FALSE(hosts.failed(start + 10s));  // b too: nothing is left
    hosts.succeeded();
    CHECK(hosts.current().text() == "https://a");
    auto later = hosts_named({"a", "b"});
    CHECK(later.failed(start));
    later.succeeded();
    CHECK(later.failed(start + 61s));  // b fails, a has rested
    CHECK(later.current().text() == "https://a");
}

TEST_CASE("when all hosts failed the one that rested longest is next, after a wait", "[elastic]") {
    auto hosts = hosts_named({"a", "b", "c"});
    CHECK(hosts.failed(start));
    CHECK(hosts.failed(start + 1s));
    CHECK_FALSE(hosts.failed(start + 2s));
    CHECK(hosts.current().text() == "https://a");
}

TEST_CASE("a host that fails twice in a row rests twice as long", "[elastic]") {
    auto hosts = hosts_named({"a", "b"});
    CHECK(hosts.failed(start));              // a rests until 60 s
    CHECK(hosts.failed(start + 61s));        // b, so a gets its second chance
    CHECK_FALSE(hosts.failed(start + 61s));  // and rests until 181 s
    CHECK(hosts.current().text() == "https://b");
    hosts.succeeded();
    CHECK_FALSE(hosts.failed(start + 180s));
    hosts.succeeded();
}

TEST_CASE("no host rests longer than eight times", "[elastic]") {
    auto hosts = hosts_named({"a", "b"});
    SteadyTime now = start;
    for (int round = 0; round < 20; ++round) {
        CHECK(hosts.failed(now));  // the other one is free again each time
        now += 480s;
    }
}

TEST_CASE("a single host is always current and never worth a try at once", "[elastic]") {
    auto hosts = hosts_named({"a"});
    CHECK_FALSE(hosts.failed(start));
    CHECK_FALSE(hosts.failed(start + 1s));
    CHECK(hosts.current().text() == "https://a");
}
