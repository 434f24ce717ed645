// SPDX-License-Identifier: MIT
#include "daemon/start_memory.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

using namespace pwlog;

namespace {

/// Pages of the program's and its libraries' files, in KiB.
long resident_files() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "RssFile:") {
            long size = 0;
            status >> size;
            return size;
        }
    }
    return -1;
}

int written_before = 0;

}  // namespace

TEST_CASE("what only the start touched is given back, what was written stays") {
    written_before = 4711;
    const std::string on_the_heap(100'000, 'x');
    const auto before = resident_files();
    give_back_start();
    const auto after = resident_files();
    REQUIRE(before > 0);
    CHECK(after < before);
    CHECK(written_before == 4711);
    CHECK(on_the_heap == std::string(100'000, 'x'));
}
