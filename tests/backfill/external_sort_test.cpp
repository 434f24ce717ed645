// SPDX-License-Identifier: MIT
#include "backfill/sources/external_sort.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

using namespace pwlog;

namespace {

using Records = std::vector<std::pair<std::int64_t, std::string>>;

/// Mostly short, some longer than a part; many of one key.
Records some_records(std::size_t count) {
    std::mt19937 random(7);
    Records records;
    for (std::size_t i = 0; i < count; ++i) {
        const auto key = static_cast<std::int64_t>(random() % (count / 3 + 1)) - 5;
        records.emplace_back(
            key, fmt::format("{} ", i) + std::string(i % 50 == 0 ? 300 : random() % 20, 'x'));
    }
    return records;
}

Records sorted(ExternalSort& sort, const Records& records) {
    for (const auto& [key, bytes] : records) {
        const auto added = sort.add(key, bytes);
        INFO((added ? "" : added.error().message));
        REQUIRE(added);
    }
    REQUIRE(sort.begin_reading({}));
    Records read;
    SortedRecord record;
    for (;;) {
        const auto more = sort.next(record);
        REQUIRE(more);
        if (!*more) {
            return read;
        }
        read.emplace_back(record.key, record.bytes);
    }
}

/// Nowhere to put a scratch file, as long as it lives.
class NoFolder {
  public:
    NoFolder() { setenv("TMPDIR", "/nonexistent", 1); }
    ~NoFolder() {
        if (before_.empty()) {
            unsetenv("TMPDIR");
        } else {
            setenv("TMPDIR", before_.c_str(), 1);
        }
    }

  private:
    std::string before_ = std::getenv("TMPDIR") != nullptr ? std::getenv("TMPDIR") : "";
};

}  // namespace

TEST_CASE("records come out by their keys, those of one key as they came, in any memory",
          "[backfill]") {
    const std::size_t count = GENERATE(0U, 1U, 2U, 500U);
    const std::size_t part_bytes = GENERATE(1U, 200U, 5'000U, 1'000'000U);
    const std::size_t most_runs = GENERATE(2U, 3U, 1'000U);
    const bool in_order = GENERATE(false, true);
    INFO(count << " records in parts of " << part_bytes << ", " << most_runs << " at a time");
    auto records = some_records(count);
    auto expected = records;
    std::stable_sort(expected.begin(), expected.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    ExternalSort sort(part_bytes, most_runs);
    CHECK(sorted(sort, in_order ? expected : records) == expected);
    CHECK(sort.count() == count);
}

TEST_CASE("what fits into memory needs no file, and what does not says where it needs one",
          "[backfill]") {
    const NoFolder nowhere;
    ExternalSort small;
    CHECK(sorted(small, {{2, "b"}, {1, "a"}}) == Records{{1, "a"}, {2, "b"}});

    ExternalSort large(100);
    Result<void> added;
    for (int i = 0; i < 100 && added; ++i) {
        added = large.add(i, "some bytes");
    }
    REQUIRE_FALSE(added);
    CHECK(added.error().kind == ErrorKind::io);
    CHECK_THAT(added.error().message, Catch::Contains("No such file or directory") &&
                                          Catch::Contains("TMPDIR") && Catch::Contains("/var/tmp"));
}

TEST_CASE("a stop ends the merging of more runs than are merged at once", "[backfill]") {
    ExternalSort sort(100, 2);
    for (int i = 0; i < 100; ++i) {
        REQUIRE(sort.add(-i, "some bytes"));
    }
    std::stop_source stop;
    stop.request_stop();
    const auto begun = sort.begin_reading(stop.get_token());
    REQUIRE_FALSE(begun);
    CHECK(begun.error().kind == ErrorKind::stopped);
}
