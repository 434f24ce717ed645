// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "fault_disk.h"
#include "memory_dir.h"
#include "small_disk.h"
#include "spool/rescue/log_tail.h"
#include "spool/spool_file.h"
#include "spool/sqlite/database.h"
#include "spool_support.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;
using Fault = FaultDisk::Fault;

namespace {

/// All documents of `times`, each once, whole.
void check_all_there(Spool& spool, const std::vector<Timestamp>& times, int documents) {
    std::set<std::string> ids;
    CHECK(spool.export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
        for (const auto& [id, index, json] : entry.documents) {
            CHECK(json == json_of(id));
            CHECK(ids.insert(id).second);
        }
        return true;
    }));
    CHECK(ids.size() == times.size() * static_cast<std::size_t>(documents));
    for (const auto time : times) {
        CHECK(ids.contains(id_of("pdu", time, 0)));
    }
}

}  // namespace

TEST_CASE("whichever write or flush fails, nothing acknowledged is lost and nothing else either",
          "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const auto fault =
        GENERATE(Fault::io_error, Fault::disk_full, Fault::flush_error, Fault::torn_write);
    const int times = GENERATE(1, 3, 40);
    // With many entries the fault meets the log being moved into the file.
    const int entries = GENERATE(12, 90);
    const int step = (entries == 12 ? 3 : 97) / (effort() > 1 ? 3 : 1);
    for (int after = 0; after < 5 * entries; after += step) {
        INFO("fault " << static_cast<int>(fault) << " from operation " << after << ", " << times
                      << " times");
        const MemoryDir dir;
        HandClock clock;
        FaultDisk disk;
        std::vector<Timestamp> appended;
        std::int64_t stored = 0;
        {
            auto spool = open_spool(dir.path(), clock);
            disk.fail(fault, after, times);
            for (int i = 0; i < entries; ++i) {
                REQUIRE(spool->append(make_entry("pdu", clock.now(), 9)));
                appended.push_back(clock.now());
                clock.advance(10s);
                if (i % 3 == 2) {
                    const auto batch = spool->next_batch({15, 1U << 20U});
                    std::vector<Settlement> settlements;
                    for (const auto& document :
                         batch ? batch->documents : std::vector<SpooledDocument>{}) {
                        settlements.push_back({document.ref, Outcome::stored});
                    }
                    // What the disk refuses is kept in memory, and counts as well.
                    static_cast<void>(spool->settle(settlements));
                    stored += static_cast<std::int64_t>(settlements.size());
                }
                if (i % 4 == 3) {
                    static_cast<void>(spool->flush());
                }
                spool->tick();
            }
            // However long it takes, it gets over it by itself.
            for (int i = 0; i < 400 && spool->info().unwritten_entries > 0; ++i) {
                clock.advance(10s);
                spool->tick();
            }
            CHECK(spool->info().unwritten_entries == 0);
            check_all_there(*spool, appended, 9);
            CHECK(spool->info().stored == stored);
            CHECK(spool->info().read == entries * 9);
            CHECK(spool->info().dropped == 0);
            check_identity(*spool);
        }
        auto again = open_spool(dir.path(), clock);
        check_all_there(*again, appended, 9);
        CHECK(again->info().stored == stored);
        check_identity(*again);
    }
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("after a failed flush the next one saves all, from memory", "[spool]") {
    spdlog::set_level(spdlog::level::off);
    std::mt19937 random(std::random_device{}());
    for (int round = 0; round < 20; ++round) {
        const MemoryDir dir;
        const MemoryDir remains;
        HandClock clock;
        FaultDisk disk;
        std::vector<Timestamp> appended;
        auto spool = open_spool(dir.path(), clock);
        for (int i = 0; i < 6; ++i) {
            REQUIRE(spool->append(make_entry("pdu", clock.now(), 9)).value() ==
                    Durability::committed);
            appended.push_back(clock.now());
            clock.advance(5s);
        }
        disk.fail(Fault::flush_error, 0, 8);
        CHECK_FALSE(spool->flush());
        disk.fail(Fault::none, 0, 0);
        CHECK(spool->flush());
        disk.cut_power(remains.path(), random);
        auto after = open_spool(remains.path(), clock);
        check_all_there(*after, appended, 9);
        CHECK(all_pending(*after).size() == 54);
    }
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("a commit that failed and is in the log all the same counts once", "[spool]") {
    const MemoryDir dir;
    HandClock clock;
    FaultDisk disk;
    const auto entry =
        std::make_shared<const PreparedEntry>(prepare(make_entry("pdu", clock.now(), 9)).value());
    // Shipped from memory meanwhile: two documents; and an entry of five was given up before it.
    WaitingEntry waiting{entry, {}, {}};
    waiting.fates.note({{1, 0}, Outcome::stored});
    waiting.lost_before.read = waiting.lost_before.dropped = 5;
    const auto append = [&](SpoolFile& file) {
        return file.append({waiting}, Sync::full, clock.wall_now(), 0ms, Sacrifice::pending);
    };
    {
        const auto file = SpoolFile::open(dir.path() / "spool.db", {}).value();
        REQUIRE(file->flush(0ms));
        disk.fail(Fault::flush_error, 0, 1000);
        REQUIRE_FALSE(append(*file));
        disk.fail(Fault::none, 0, 0);
    }
    const auto file = SpoolFile::open(dir.path() / "spool.db", {}).value();
    REQUIRE(file->ledger().read == 14);
    waiting.fates.note({{1, 1}, Outcome::duplicate});
    const auto numbers = append(*file);
    CHECK(numbers.value().at(0) == 1);
    CHECK(file->ledger().read == 14);
    CHECK(file->ledger().dropped == 5);
    CHECK(file->ledger().stored == 1);
    CHECK(file->ledger().duplicates == 1);
    CHECK(file->ledger().pending() == 7);
}

TEST_CASE("what the disk refuses is kept in memory, bounded, and what goes is counted", "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const MemoryDir dir;
    HandClock clock;
    FaultDisk disk;
    auto spool = open_spool(dir.path(), clock, holding(5));
    disk.fail(Fault::io_error, 0, 1'000'000);
    const auto start = clock.now();
    for (int i = 0; i < 20; ++i) {
        CHECK(spool->free_time("pdu", start + i * 1ms) == start + i * 1ms);
        CHECK(spool->append(make_entry("pdu", start + i * 1ms)).value() == Durability::in_memory);
        CHECK(spool->free_time("pdu", start + i * 1ms) == start + i * 1ms + 1ms);
        CHECK_FALSE(spool->append(make_entry("pdu", start + i * 1ms)));
    }
    auto info = spool->info();
    CHECK(info.unwritten_entries == 5);
    CHECK(info.unwritten_documents == 15);
    CHECK(info.read == 60);
    CHECK(info.dropped == 45);
    CHECK(info.pending_documents == 15);
    CHECK_FALSE(spool->flush());

    disk.fail(Fault::none, 0, 0);
    clock.advance(1min);
    CHECK(spool->append(make_entry("pdu", clock.now())).value() == Durability::committed);
    info = spool->info();
    CHECK(info.unwritten_entries == 0);
    CHECK(info.read == 63);
    CHECK(info.dropped == 48);
    CHECK(info.pending_documents == 15);
    check_identity(*spool);
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("appending does not wait for a flush that takes long", "[spool]") {
    const MemoryDir dir;
    const SystemClock clock;
    FaultDisk disk;
    SpoolOptions options;
    options.patience = 20ms;
    auto spool = open_spool(dir.path(), clock, options);
    const auto start = to_timestamp(clock.wall_now());
    REQUIRE(spool->append(make_entry("pdu", start)));
    std::atomic<bool> in_flush = false;
    std::atomic<bool> release = false;
    disk.before_operation = [&](int) {
        in_flush = true;
        in_flush.notify_all();
        release.wait(false);
    };
    bool is_flushed = false;
    std::jthread slow([&] { is_flushed = spool->flush().has_value(); });
    in_flush.wait(false);
    // The card is busy for as long as this takes: reading goes on all the same.
    for (int i = 1; i <= 5; ++i) {
        const auto time = start + i * 1s;
        CHECK(spool->free_time("pdu", time) == time);
        CHECK(spool->append(make_entry("pdu", time)).value() == Durability::in_memory);
    }
    release = true;
    release.notify_all();
    slow.join();
    CHECK(is_flushed);
    disk.before_operation = nullptr;
    spool->tick();
    CHECK(spool->info().unwritten_entries == 0);
    CHECK(all_pending(*spool).size() == 18);
}

TEST_CASE("a full disk stops neither reading nor shipping, and is got over alone", "[spool]") {
    const SmallDisk disk;
    if (!disk.is_there()) {
        WARN("a small file system is not tried: this user may not mount one");
        return;
    }
    spdlog::set_level(spdlog::level::off);
    HandClock clock;
    SpoolOptions options;
    options.max_bytes = 64U << 20U;  // more than the disk has: the cap is no help
    options.memory_entries = 50;
    for (int round = 0; round < 3; ++round) {
        auto spool = open_spool(disk.spool(), clock, options);
        std::int64_t appended = spool->info().read;
        const auto append = [&](int count) {
            int committed = 0;
            for (int i = 0; i < count; ++i) {
                clock.advance(10s);
                const auto result = spool->append(make_entry("pdu", clock.now(), 9));
                REQUIRE(result);
                committed += *result == Durability::committed ? 1 : 0;
                spool->tick();
                appended += 9;
            }
            return committed;
        };
        append(100);
        settle_all(*spool, spool->next_batch({450, 1U << 20U})->documents, Outcome::stored);
        disk.fill_up_to(0);
        append(30);
        // The archive has made room, so far nothing is lost.
        CHECK(spool->info().dropped == (round == 0 ? 0 : spool->info().dropped));
        append(300);
        auto info = spool->info();
        CHECK(info.read == appended);
        CHECK(info.dropped > 0);
        check_identity(*spool);
        // Shipping goes on.
        settle_all(*spool, spool->next_batch({90, 1U << 20U})->documents, Outcome::stored);
        CHECK(spool->info().stored > info.stored);

        disk.make_room();
        clock.advance(10s);
        spool->tick();
        CHECK(append(20) == 20);
        info = spool->info();
        CHECK_FALSE(info.disk_full);
        CHECK(info.unwritten_entries == 0);
        CHECK(info.read == appended);
        check_identity(*spool);
        settle_all(*spool, all_pending(*spool), Outcome::stored);
        CHECK(spool->info().stored + spool->info().dropped == appended);
        spool.reset();
        check_identity(*open_spool(disk.spool(), clock, options));
    }
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("a disk that is full at the first start is an error that says so", "[spool]") {
    const SmallDisk disk;
    if (!disk.is_there()) {
        WARN("a small file system is not tried: this user may not mount one");
        return;
    }
    spdlog::set_level(spdlog::level::off);
    HandClock clock;
    SpoolOptions options;
    options.directory = disk.spool();
    options.max_bytes = 1U << 20U;
    disk.fill_up_to(0);
    {
        const auto full = Spool::open(options, clock);
        REQUIRE_FALSE(full);
        CHECK(full.error().kind == ErrorKind::full);
    }
    disk.make_room();
    std::vector<Timestamp> times;
    {
        auto spool = open_spool(disk.spool(), clock);
        for (int i = 0; i < 5; ++i) {
            CHECK(spool->append(make_entry("pdu", clock.now())));
            times.push_back(clock.now());
            clock.advance(10s);
        }
    }
    disk.fill_up_to(0);
    {
        // There is a spool: what it has can be shipped, and memory takes what comes.
        auto spool = open_spool(disk.spool(), clock);
        check_all_there(*spool, times, 3);
        CHECK(spool->append(make_entry("pdu", clock.now())));
        times.push_back(clock.now());
        disk.make_room();
        spool->tick();
        check_all_there(*spool, times, 3);
    }
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE(
    "on a disk that is read-only at the start samples wait in memory and are shipped from there",
    "[spool]") {
    const SmallDisk disk;
    if (!disk.is_there()) {
        WARN("a small file system is not tried: this user may not mount one");
        return;
    }
    spdlog::set_level(spdlog::level::off);
    HandClock clock;
    std::vector<Timestamp> times;
    const auto append = [&](Spool& spool, Durability where) {
        for (int i = 0; i < 3; ++i) {
            CHECK(spool.append(make_entry("pdu", clock.now())).value() == where);
            times.push_back(clock.now());
            clock.advance(10s);
        }
    };
    {
        auto spool = open_spool(disk.spool(), clock);
        append(*spool, Durability::committed);
    }
    if (GENERATE(true, false)) {
        std::filesystem::remove(disk.spool() / "spool.lock");
    }
    const auto remount = [&](unsigned long flags) {
        REQUIRE(mount(nullptr, disk.spool().parent_path().c_str(), nullptr, MS_REMOUNT | flags,
                      nullptr) == 0);
    };
    remount(MS_RDONLY);
    auto spool = open_spool(disk.spool(), clock);
    append(*spool, Durability::in_memory);
    const auto shipped = all_pending(*spool);
    CHECK(shipped.size() == 9);
    settle_all(*spool, shipped, Outcome::stored);
    CHECK(all_pending(*spool).empty());
    CHECK(spool->info().stored == 9);
    remount(0);
    for (int i = 0; i < 60; ++i) {
        clock.advance(1s);
        spool->tick();
    }
    CHECK(spool->info().unwritten_entries == 0);
    append(*spool, Durability::committed);
    const auto other = Spool::open({.directory = disk.spool()}, clock);
    REQUIRE_FALSE(other);
    CHECK(other.error().kind == ErrorKind::busy);
    spool.reset();
    spool = open_spool(disk.spool(), clock);
    check_all_there(*spool, times, 3);
    CHECK(spool->info().read == 27);
    CHECK(spool->info().stored == 9);
    CHECK(spool->info().dropped == 0);
    CHECK(all_pending(*spool).size() == 18);
    check_identity(*spool);
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("a list of what waits that the disk never reads again holds up nothing", "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const MemoryDir dir;
    HandClock clock;
    FaultDisk disk;
    constexpr int entries = 3000;
    const auto file = dir.path() / "spool.db";
    {
        auto spool = open_spool(dir.path(), clock);
        for (int i = 0; i < entries; ++i) {
            clock.advance(1s);
            REQUIRE(spool->append(make_entry("pdu", clock.now(), 9)));
        }
    }
    std::int64_t root = 0;
    {
        auto database = Database::open_existing(file);
        REQUIRE(database);
        REQUIRE((*database)->execute("PRAGMA locking_mode=EXCLUSIVE"));
        root = (*database)
                   ->number("SELECT rootpage FROM sqlite_master WHERE name='pending'")
                   .value()
                   .value();
    }
    const std::string page =
        read_bytes(file, static_cast<std::uint64_t>(root - 1) * 1024, 1024).value();
    REQUIRE(page[0] == 5);  // an inner page: its tenth child is a leaf
    const auto number = [&](std::size_t at, std::size_t bytes) {
        std::size_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i) {
            value = value << 8U | static_cast<unsigned char>(page.at(at + i));
        }
        return value;
    };
    auto spool = open_spool(dir.path(), clock);
    REQUIRE(spool->export_entries(Timestamp{}, Timestamp::max(),
                                  [](const Entry&) { return true; }));  // fills its cache
    struct stat status {};
    REQUIRE(stat(file.c_str(), &status) == 0);
    disk.unreadable_inode = status.st_ino;
    disk.unreadable_pages = {static_cast<std::int64_t>(number(number(12 + 2 * 10, 2), 4))};
    std::set<std::string> shipped;
    for (int round = 0; round < 200 && shipped.size() < std::size_t{entries} * 9; ++round) {
        clock.advance(10s);
        spool->tick();
        const auto batch = spool->next_batch({});
        for (const auto& document : batch ? batch->documents : std::vector<SpooledDocument>()) {
            CHECK(document.json == json_of(document.id));
            CHECK(shipped.insert(document.id).second);
        }
        settle_all(*spool, batch ? batch->documents : std::vector<SpooledDocument>(),
                   Outcome::stored);
    }
    const std::filesystem::directory_iterator there(dir.path());
    CHECK(std::any_of(begin(there), end(there), [](const auto& found) {
        return found.path().filename().string().starts_with("spool.db.corrupt-");
    }));
    CHECK(shipped.size() == std::size_t{entries} * 9);
    CHECK(spool->info().dropped == 0);
    CHECK(spool->info().stored == entries * 9);
    check_identity(*spool);
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("an entry that the disk never reads again is passed over, counted and kept", "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const MemoryDir dir;
    HandClock clock;
    FaultDisk disk;
    constexpr int entries = 3000;  // more than the pages that are kept in memory
    const SpoolOptions options{.directory = {}, .max_bytes = 1U << 20U, .keep = 1h};
    {
        auto spool = open_spool(dir.path(), clock, options);
        for (int i = 0; i < entries; ++i) {
            clock.advance(1s);
            REQUIRE(spool->append(make_entry("pdu", clock.now(), 9)));
        }
    }
    auto spool = open_spool(dir.path(), clock, options);
    disk.unreadable_pages = {100};
    std::set<std::string> shipped;
    for (int round = 0; round < 20; ++round) {
        clock.advance(10s);
        spool->tick();
        const auto pending = all_pending(*spool);
        for (const auto& document : pending) {
            CHECK(document.json == json_of(document.id));
            CHECK(shipped.insert(document.id).second);
        }
        settle_all(*spool, pending, Outcome::stored);
    }
    auto info = spool->info();
    CHECK(info.unreadable_entries > 0);
    CHECK(info.pending_documents == info.unreadable_entries * 9);
    CHECK(shipped.size() == entries * 9 - static_cast<std::size_t>(info.pending_documents));
    CHECK(info.dropped == 0);
    // An export passes over it, and says of how many.
    std::int64_t exported = 0;
    const auto passed_over = spool->export_entries(Timestamp{}, Timestamp::max() - 1h,
                                                   [&](const Entry&) { return ++exported > 0; });
    REQUIRE(passed_over);
    CHECK(*passed_over > 0);
    CHECK(exported + *passed_over == spool->info().entries);
    // It holds up neither what comes nor what is let go of meanwhile, be it old or for want of
    // room.
    clock.advance(2h);
    for (int i = 0; i < 600; ++i) {
        clock.advance(10s);
        REQUIRE(spool->append(make_entry("pdu", clock.now(), 9)));
        spool->tick();
        settle_all(*spool, all_pending(*spool), Outcome::stored);
    }
    CHECK(spool->info().unwritten_entries == 0);
    CHECK(spool->info().dropped == 0);
    CHECK(spool->info().pending_documents == info.pending_documents);
    // The disk has thought better of it.
    disk.unreadable_pages.clear();
    clock.advance(6min);
    spool->tick();
    CHECK(static_cast<std::int64_t>(all_pending(*spool).size()) == info.pending_documents);
    CHECK(spool->info().unreadable_entries == 0);
    check_identity(*spool);
    spdlog::set_level(spdlog::level::info);
}
