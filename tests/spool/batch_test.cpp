// SPDX-License-Identifier: MIT
#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>

#include "fault_disk.h"
#include "memory_dir.h"
#include "spool_support.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

/// Up to ten documents of one size, so that a limit is as many of them as it is meant to be.
Entry make_even_entry(Timestamp time, int documents) {
    auto entry = make_entry("pdu", time, documents);
    for (auto& document : entry.documents) {
        document.json = R"({"power_w":1234})";
    }
    return entry;
}

std::size_t even_size(Timestamp time) {
    const auto document = make_even_entry(time, 1).documents.front();
    return document.id.size() + document.index.size() + document.json.size();
}

void check_batch(Spool& spool, const BatchLimits& limits, std::size_t documents, bool more) {
    INFO("at most " << limits.documents << " documents and " << limits.bytes << " bytes");
    const auto batch = spool.next_batch(limits);
    REQUIRE(batch);
    CHECK(batch->documents.size() == documents);
    std::size_t bytes = 0;
    for (const auto& document : batch->documents) {
        bytes += document.id.size() + document.index.size() + document.json.size();
    }
    CHECK(batch->bytes == bytes);
    CHECK(batch->more == more);
}

}  // namespace

TEST_CASE("a batch keeps to its limits, but always has one document", "[spool]") {
    const TempDir dir;
    HandClock clock;
    auto spool = open_spool(dir.path(), clock);
    CHECK(spool->append(make_entry("ats", clock.now(), 4)));
    const auto one = spool->next_batch({1000, 1});
    REQUIRE(one);
    CHECK(one->documents.size() == 1);
    CHECK(one->more);
    const auto rest = spool->next_batch({1000, 1U << 20U}, one->documents.back().ref);
    REQUIRE(rest);
    CHECK(rest->documents.size() == 3);
    CHECK_FALSE(rest->more);
}

TEST_CASE("what a batch may hold is the sum of its documents, to the byte", "[spool]") {
    const TempDir dir;
    HandClock clock;
    auto spool = open_spool(dir.path(), clock);
    const auto size = even_size(clock.now());
    REQUIRE(spool->append(make_even_entry(clock.now(), 5)));
    clock.advance(10s);
    REQUIRE(spool->append(make_even_entry(clock.now(), 5)));
    check_batch(*spool, {1000, 3 * size}, 3, true);
    check_batch(*spool, {1000, 3 * size - 1}, 2, true);
    // Over both entries.
    check_batch(*spool, {1000, 7 * size}, 7, true);
    check_batch(*spool, {1000, 10 * size - 1}, 9, true);
    check_batch(*spool, {1000, 10 * size}, 10, false);
    check_batch(*spool, {9, 10 * size}, 9, true);
    check_batch(*spool, {10, 1U << 20U}, 10, false);
}

TEST_CASE("a batch that begins in the file and goes on in memory keeps to its limits over both",
          "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const MemoryDir dir;
    HandClock clock;
    FaultDisk disk;
    auto spool = open_spool(dir.path(), clock);
    const auto size = even_size(clock.now());
    const auto append_four = [&](Durability where) {
        clock.advance(10s);
        REQUIRE(spool->append(make_even_entry(clock.now(), 4)).value() == where);
    };
    append_four(Durability::committed);
    append_four(Durability::committed);
    disk.fail(FaultDisk::Fault::io_error, 0, 1'000'000);
    append_four(Durability::in_memory);
    append_four(Durability::in_memory);
    check_batch(*spool, {1000, 7 * size}, 7, true);
    check_batch(*spool, {1000, 8 * size}, 8, true);  // all of the file, and no more
    check_batch(*spool, {8, 1U << 20U}, 8, true);
    check_batch(*spool, {1000, 11 * size - 1}, 10, true);
    check_batch(*spool, {1000, 11 * size}, 11, true);
    check_batch(*spool, {11, 1U << 20U}, 11, true);
    check_batch(*spool, {1000, 16 * size}, 16, false);
    disk.fail(FaultDisk::Fault::none, 0, 0);
    spdlog::set_level(spdlog::level::info);
}
