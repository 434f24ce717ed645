// SPDX-License-Identifier: MIT
#include "backfill/run/feed.h"

#include <catch2/catch.hpp>
#include <string>

using namespace pwlog;

namespace {

std::string read_whole(ByteInput& input) {
    std::string text;
    std::string buffer(1000, '\0');
    for (;;) {
        const auto count = input.read(buffer.data(), buffer.size());
        REQUIRE(count);
        if (*count == 0) {
            return text;
        }
        text.append(buffer, 0, *count);
    }
}

}  // namespace

TEST_CASE("lines that are made while they are read arrive in order and whole", "[backfill]") {
    std::string expected;
    for (int i = 0; i < 100000; ++i) {
        expected += "line " + std::to_string(i) + "\n";
    }
    const auto input = feed_input([](const PutLine& put) -> Result<void> {
        for (int i = 0; i < 100000; ++i) {
            if (auto taken = put("line " + std::to_string(i)); !taken) {
                return taken;
            }
        }
        return {};
    });
    CHECK(read_whole(*input) == expected);
    CHECK(input->damage().empty());
}

TEST_CASE("who makes lines and fails is told of after the lines that came before", "[backfill]") {
    const auto input = feed_input([](const PutLine& put) -> Result<void> {
        REQUIRE(put("one"));
        return fail(ErrorKind::gone, "the daemon went away");
    });
    CHECK(read_whole(*input) == "one\n");
    CHECK(input->damage() == "the daemon went away");
}

TEST_CASE("who makes lines for nobody is told to stop", "[backfill]") {
    bool stopped = false;
    {
        const auto input = feed_input([&](const PutLine& put) -> Result<void> {
            for (;;) {
                if (auto taken = put(std::string(1000, 'x')); !taken) {
                    stopped = taken.error().kind == ErrorKind::stopped;
                    return taken;
                }
            }
        });
        std::string one(1, '\0');
        REQUIRE(input->read(one.data(), 1));
    }
    CHECK(stopped);
}
