// SPDX-License-Identifier: MIT
#include "elastic/backoff.h"

#include <catch2/catch.hpp>

using namespace pwlog;
using namespace std::chrono_literals;

namespace {

const Backoff::Options options{.shortest = 1s, .first = 2s, .ceiling = 20s};

}  // namespace

TEST_CASE("the longest wait doubles up to its ceiling", "[elastic]") {
    Backoff backoff(options);
    for (const auto longest : {2s, 4s, 8s, 16s, 20s, 20s, 20s}) {
        const auto wait = backoff.next(0.999999);
        CHECK(wait <= longest);
        CHECK(wait > longest - 100ms);
    }
}

TEST_CASE("waits are spread over the whole room below, and never under the shortest", "[elastic]") {
    Backoff backoff(options);
    CHECK(backoff.next(0.0) == 1s);
    CHECK(backoff.next(0.5) == 2500ms);  // half way from 1 s to 4 s
    CHECK(backoff.next(0.0) == 1s);
}

TEST_CASE("two that failed together do not come back together", "[elastic]") {
    Backoff one(options);
    Backoff other(options);
    bool apart = false;
    for (int i = 0; i < 20; ++i) {
        const auto wait = one.next();
        CHECK(wait >= options.shortest);
        CHECK(wait <= options.ceiling);
        apart = apart || wait != other.next();
    }
    CHECK(apart);
}

TEST_CASE("after a success the waits are short again", "[elastic]") {
    Backoff backoff(options);
    for (int i = 0; i < 10; ++i) {
        backoff.next();
    }
    backoff.reset();
    CHECK(backoff.next(0.999999) <= 2s);
}

TEST_CASE("a server's Retry-After is followed between a second and five minutes", "[elastic]") {
    Backoff at_once({.shortest = 0s, .first = 0s, .ceiling = 0s});
    CHECK(at_once.after({}) == 0s);
    CHECK(at_once.after(-5s) == 1s);
    CHECK(at_once.after(0s) == 1s);
    CHECK(at_once.after(5s) == 5s);
    CHECK(at_once.after(300s) == 300s);
    CHECK(at_once.after(86400s) == 300s);
    Backoff late({.shortest = 60s, .first = 60s, .ceiling = 60s});
    CHECK(late.after(5s) == 60s);
}
