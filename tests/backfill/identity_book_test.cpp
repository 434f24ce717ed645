// SPDX-License-Identifier: MIT
#include "backfill/run/identity_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "backfill/json/content_hash.h"

using namespace pwlog;
using Seen = IdentityBook::Seen;

namespace {

struct Made {
    int outlet;
    int second;
    int watts;
    std::string id() const { return fmt::format("a/{}/{}", outlet, second); }
    std::string json() const { return fmt::format(R"({{"t":{},"w":{}}})", second, watts); }
};

Seen note(IdentityBook& book, const Made& made) {
    DocumentFacts facts;
    facts.kind = DocumentKind::outlet;
    facts.device = "a";
    facts.outlet = made.outlet;
    facts.time = Timestamp(std::chrono::seconds(1'800'000'000 + made.second));
    return book.note(facts, made.id(), made.json());
}

/// Against a plain map of all that was made.
void compare(const std::vector<Made>& all) {
    IdentityBook book([](const std::string& problem) { FAIL(problem); });
    std::map<std::string, std::string> known;
    for (const auto& made : all) {
        const auto [place, is_new] = known.try_emplace(made.id(), made.json());
        const auto expected = is_new                         ? Seen::first
                              : place->second == made.json() ? Seen::again
                                                             : Seen::otherwise;
        CAPTURE(made.id(), made.json());
        REQUIRE(note(book, made) == expected);
    }
}

std::vector<Made> run_of(int from, int to, int watts) {
    std::vector<Made> made;
    for (int second = from; second < to; ++second) {
        for (int outlet = 1; outlet <= 8; ++outlet) {
            made.push_back({outlet, second, watts});
        }
    }
    return made;
}

std::vector<Made> operator+(std::vector<Made> a, const std::vector<Made>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

}  // namespace

TEST_CASE("a document that was made before is known, whatever the order", "[backfill]") {
    auto backwards = run_of(0, 1000, 5);
    std::reverse(backwards.begin(), backwards.end());
    compare(run_of(0, 2000, 5) + run_of(1500, 2500, 5) + run_of(1900, 2000, 6));
    compare(backwards + run_of(0, 1000, 5) + backwards);
    compare(run_of(5000, 6000, 5) + run_of(0, 1000, 5) + run_of(2000, 5500, 6));
    std::vector<Made> months;  // many pieces, in no order
    for (int i = 0; i < 200; ++i) {
        months = months + run_of(i * 7919 % 200 * 100, i * 7919 % 200 * 100 + 20, i % 2);
    }
    compare(months + months + run_of(0, 5000, 1));
    std::mt19937 random(5);
    auto shuffled = run_of(0, 1500, 5) + run_of(500, 700, 6) + run_of(600, 800, 5);
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    compare(shuffled);
}

TEST_CASE("events of one time are told apart by their identities", "[backfill]") {
    IdentityBook book;
    DocumentFacts facts;
    facts.kind = DocumentKind::events;
    facts.device = "a";
    CHECK(book.note(facts, "a/alarm_started/x/0", "{1}") == Seen::first);
    CHECK(book.note(facts, "a/alarm_started/y/0", "{2}") == Seen::first);
    CHECK(book.note(facts, "a/alarm_started/x/0", "{1}") == Seen::again);
    CHECK(book.note(facts, "a/alarm_started/y/0", "{1}") == Seen::otherwise);
}

TEST_CASE("content is what it says and not how it is written", "[backfill]") {
    const auto plain = content_hash(R"({"a":{"b":1,"c":"x, {y} "},"d":[1,2],"e":true})");
    CHECK(content_hash(R"({"e":true,"a":{"c":"x, {y} ","b":1},"d":[1,2]})") == plain);
    CHECK(content_hash(
              "{ \"a\" : { \"b\" : 1, \"c\": \"x, {y} \" },\n \"d\" : [1, 2],\n \"e\" : true }") ==
          plain);
    for (const auto* other : {R"({"a":{"b":2,"c":"x, {y} "},"d":[1,2],"e":true})",
                              R"({"a":{"b":1,"c":"x, {y}"},"d":[1,2],"e":true})",
                              R"({"a":{"b":1,"c":"x, {y} "},"d":[1,2]})",
                              R"({"a":{"b":1,"c":"x, {y} "},"d":[1,2],"e":false})"}) {
        CHECK(content_hash(other) != plain);
    }
}
