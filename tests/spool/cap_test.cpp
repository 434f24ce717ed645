// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>

#include "memory_dir.h"
#include "small_disk.h"
#include "spool_support.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

std::vector<Timestamp> times_in(Spool& spool) {
    std::vector<Timestamp> times;
    CHECK(spool.export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
        times.push_back(entry.time);
        return true;
    }));
    return times;
}

SpoolOptions small_spool() {
    SpoolOptions options;
    options.max_bytes = 512U << 10U;
    return options;
}

}  // namespace

TEST_CASE("a full spool gives up the archive first, then the oldest that waits, counted",
          "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const MemoryDir dir;
    HandClock clock;
    const auto options = small_spool();
    auto spool = open_spool(dir.path(), clock, options);
    const auto start = clock.now();
    std::int64_t appended = 0;
    const auto append = [&](int count) {
        for (int i = 0; i < count; ++i, ++appended) {
            clock.advance(10s);
            REQUIRE(spool->append(make_entry("pdu", clock.now(), 9)).value() ==
                    Durability::committed);
        }
    };
    // The first twenty wait, the next hundred are delivered.
    append(120);
    auto documents = all_pending(*spool);
    documents.erase(documents.begin(), documents.begin() + 20 * 9);
    settle_all(*spool, documents, Outcome::stored);
    while (spool->info().entries == appended) {
        append(1);
        REQUIRE(appended < 2000);
    }
    // Full: the archive has begun to go at its old end, nothing that waits has.
    auto times = times_in(*spool);
    CHECK(times[19] == start + 20 * 10s);
    CHECK(times[20] > start + 21 * 10s);
    CHECK(spool->info().dropped == 0);
    while (spool->info().dropped == 0) {
        append(1);
    }
    // Not one of the delivered was left when the first that waited had to go, and that was the
    // oldest.
    times = times_in(*spool);
    CHECK(spool->info().entries == spool->info().pending_entries);
    CHECK(spool->info().dropped % 9 == 0);
    const auto lost = spool->info().dropped / 9;
    CHECK(times[0] == start + (lost + 1) * 10s);
    append(500);
    times = times_in(*spool);
    for (std::size_t i = 1; i < times.size(); ++i) {
        CHECK(times[i] == times[i - 1] + 10s);
    }
    CHECK(times.back() == clock.now());
    const auto info = spool->info();
    CHECK(info.bytes <= options.max_bytes);
    CHECK(std::filesystem::file_size(dir.path() / "spool.db") <= options.max_bytes);
    CHECK(std::filesystem::file_size(dir.path() / "spool.db-wal") <= 1U << 20U);
    CHECK(info.read == appended * 9);
    check_identity(*spool);
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("entries kept for their rejects go before those that wait", "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const MemoryDir dir;
    HandClock clock;
    auto spool = open_spool(dir.path(), clock, small_spool());
    for (int i = 0; i < 20; ++i) {
        clock.advance(10s);
        REQUIRE(spool->append(make_entry("pdu", clock.now(), 9)));
    }
    settle_all(*spool, all_pending(*spool), Outcome::rejected);
    CHECK(spool->info().rejects_kept == 180);
    while (spool->info().dropped == 0) {
        clock.advance(10s);
        REQUIRE(spool->append(make_entry("pdu", clock.now(), 9)));
    }
    const auto info = spool->info();
    CHECK(info.rejects_kept == 0);
    CHECK(info.rejects_dropped == 180);
    CHECK(info.rejected == 180);
    CHECK(info.dropped <= 18);  // room is made for one, which is not the same size
    // Refusing the rest keeps what is possible of it, and drops nothing that waits.
    auto documents = all_pending(*spool);
    settle_all(*spool, {documents.begin(), documents.begin() + 900}, Outcome::rejected);
    CHECK(spool->info().dropped == info.dropped);
    check_identity(*spool);
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("an entry whose rejects were pushed out goes before those that still have some",
          "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const MemoryDir dir;
    HandClock clock;
    auto options = small_spool();
    options.max_rejects = 10;
    auto spool = open_spool(dir.path(), clock, options);
    const auto start = clock.now();
    const auto append = [&] {
        clock.advance(10s);
        REQUIRE(spool->append(make_entry("pdu", clock.now(), 9)).value() == Durability::committed);
    };
    const auto append_ten_with_a_reject_each = [&] {
        for (int i = 0; i < 10; ++i) {
            append();
            const auto documents = all_pending(*spool);
            settle_all(*spool, {documents.begin(), documents.end() - 1}, Outcome::stored);
            settle_all(*spool, {documents.back()}, Outcome::rejected);
        }
    };
    append_ten_with_a_reject_each();
    // A flush looks for what is too old, and passes over all that has rejects now.
    REQUIRE(spool->flush());
    append_ten_with_a_reject_each();
    CHECK(spool->info().rejects_dropped == 10);
    // From here on all waits. The ten that nobody needs any more make room first,
    std::int64_t entries = 0;
    while (spool->info().entries > entries) {
        entries = spool->info().entries;
        append();
        REQUIRE(entries < 2000);
    }
    CHECK(times_in(*spool).front() > start + 10s);
    CHECK(spool->info().rejects_kept == 10);
    // and when the first that waited had to go, nothing else was left.
    while (spool->info().dropped == 0) {
        append();
    }
    CHECK(spool->info().rejects_kept == 0);
    CHECK(spool->info().entries == spool->info().pending_entries);
    check_identity(*spool);
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("a cap that was lowered is reached step by step, and never stops an append", "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const MemoryDir dir;
    HandClock clock;
    auto options = small_spool();
    options.max_bytes = 2U << 20U;
    {
        auto spool = open_spool(dir.path(), clock, options);
        for (int i = 0; i < 1000; ++i) {
            clock.advance(10s);
            REQUIRE(spool->append(make_entry("pdu", clock.now(), 9)));
        }
        settle_all(*spool, all_pending(*spool), Outcome::stored);
    }
    auto spool = open_spool(dir.path(), clock, small_spool());
    for (int i = 0; i < 10; ++i) {
        clock.advance(10s);
        REQUIRE(spool->append(make_entry("pdu", clock.now(), 9)).value() == Durability::committed);
    }
    CHECK(spool->info().bytes <= small_spool().max_bytes);
    CHECK(spool->info().dropped == 0);
    CHECK(all_pending(*spool).size() == 90);
    check_identity(*spool);
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("the default cap is a part of what is free, and tells how long it lasts", "[spool]") {
    const MemoryDir dir;
    HandClock clock;
    SpoolOptions options;
    options.directory = dir.path();
    auto opened = Spool::open(options, clock);
    REQUIRE(opened);
    auto& spool = **opened;
    CHECK(spool.info().max_bytes <= 256U << 20U);
    CHECK(spool.info().max_bytes >= 1U << 20U);
    CHECK_FALSE(spool.info().days_until_full);
    for (int i = 0; i < 100; ++i) {
        CHECK(spool.append(make_entry("pdu", clock.now(), 9)));
        clock.advance(10s);
    }
    const auto days = spool.info().days_until_full;
    REQUIRE(days);
    // 8,640 entries a day of about a page each.
    CHECK(*days > 0.3 * static_cast<double>(spool.info().max_bytes) / 1024 / 8640);
    CHECK(*days < 3.0 * static_cast<double>(spool.info().max_bytes) / 1024 / 8640);
    options.directory /= "other";
    options.max_bytes = 1000;
    const auto too_small = Spool::open(options, clock);
    REQUIRE_FALSE(too_small);
    CHECK(too_small.error().kind == ErrorKind::invalid);
}

TEST_CASE("a disk that others fill does not shrink what waits", "[spool]") {
    const SmallDisk disk(24U << 20U);
    if (!disk.is_there()) {
        WARN("a small file system is not tried: this user may not mount one");
        return;
    }
    HandClock clock;
    SpoolOptions options;
    options.directory = disk.spool();
    std::int64_t appended = 0;
    {
        // Four times what 5 % of the disk would be: without a limit that somebody set all of it
        // waits.
        auto spool = Spool::open(options, clock);
        REQUIRE(spool);
        for (int i = 0; i < 5000; ++i) {
            clock.advance(10s);
            REQUIRE((*spool)->append(make_entry("pdu", clock.now(), 9)).value() ==
                    Durability::committed);
            appended += 9;
        }
        CHECK((*spool)->info().dropped == 0);
    }
    disk.fill_up_to(2U << 20U);
    {
        auto spool = Spool::open(options, clock);
        REQUIRE(spool);
        for (int i = 0; i < 100; ++i) {
            clock.advance(10s);
            REQUIRE((*spool)->append(make_entry("pdu", clock.now(), 9)));
            appended += 9;
        }
        CHECK((*spool)->info().dropped == 0);
        CHECK(all_pending(**spool).size() == static_cast<std::size_t>(appended));
    }
    // A limit that somebody lowers does not reach what is there either: only the few pages go that
    // every change needs.
    options.max_bytes = 1U << 20U;
    auto spool = Spool::open(options, clock);
    REQUIRE(spool);
    CHECK(all_pending(**spool).size() == static_cast<std::size_t>(appended));
    clock.advance(10s);
    REQUIRE((*spool)->append(make_entry("pdu", clock.now(), 9)));
    CHECK((*spool)->info().dropped <= 200 * 9);
    // Once it is delivered, it goes.
    settle_all(**spool, all_pending(**spool), Outcome::stored);
    clock.advance(10s);
    REQUIRE((*spool)->append(make_entry("pdu", clock.now(), 9)));
    CHECK((*spool)->info().bytes <= options.max_bytes);
    check_identity(**spool);
}
