// SPDX-License-Identifier: MIT
#include "spool/rescue/rescue.h"

#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <set>

#include "fault_disk.h"
#include "memory_dir.h"
#include "small_disk.h"
#include "spool/schema.h"
#include "spool_support.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr int per_entry = 9;

/// A closed spool of `entries`, all waiting.
void make_spool(const fs::path& directory, HandClock& clock, int entries) {
    auto spool = open_spool(directory, clock, {.directory = {}, .max_bytes = 32U << 20U});
    for (int i = 0; i < entries; ++i) {
        clock.advance(10s);
        auto entry = make_entry("pdu", clock.now(), per_entry);
        entry.state = {{"energy", std::to_string(i)}};
        REQUIRE(spool->append(entry).value() == Durability::committed);
    }
}

/// Pages of a table, from its root down.
std::vector<std::int64_t> pages_of(const fs::path& file, const char* table) {
    auto database = Database::open_existing(file);
    REQUIRE(database);
    auto rows = (*database)->query("SELECT pageno FROM dbstat WHERE name=? AND pagetype='leaf'",
                                   std::string_view(table));
    std::vector<std::int64_t> pages;
    for (;;) {
        const auto row = rows.next();
        REQUIRE(row);
        if (!*row) {
            return pages;
        }
        pages.push_back(rows.integer(0));
    }
}

void overwrite(const fs::path& file, std::int64_t page) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp((page - 1) * page_size);
    stream << std::string(page_size, '\xa5');
}

std::set<std::string> ids_of(Spool& spool) {
    std::set<std::string> ids;
    for (const auto& document : all_pending(spool)) {
        CHECK(document.json == json_of(document.id));
        CHECK(ids.insert(document.id).second);
    }
    return ids;
}

}  // namespace

TEST_CASE("a damaged page costs its rows, and they are counted", "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const MemoryDir dir;
    HandClock clock;
    constexpr int entries = 1500;
    make_spool(dir.path(), clock, entries);
    const auto file = dir.path() / "spool.db";
    const std::string table = GENERATE("entry", "pending", "stream", "ledger");
    const auto pages = pages_of(file, table.c_str());
    INFO(table << " of " << pages.size() << " pages");
    overwrite(file, pages[pages.size() / 2]);
    auto spool = open_spool(dir.path(), clock, {.directory = {}, .max_bytes = 32U << 20U});
    CHECK(spool->state("energy") == std::to_string(entries - 1));
    auto there = all_pending(*spool);  // meets the damage, where the start didn't
    for (int i = 0; i < 100; ++i) {
        clock.advance(1s);
        spool->tick();
    }
    const auto ids = ids_of(*spool);
    const auto info = spool->info();
    const auto lost =
        static_cast<std::int64_t>(entries * per_entry) - static_cast<std::int64_t>(ids.size());
    CHECK(lost <= (table == "entry" ? 10 * per_entry : 0));
    CHECK(lost >= (table == "entry" ? per_entry : 0));
    CHECK(info.dropped == lost);
    CHECK(info.read == entries * per_entry);
    check_identity(*spool);
    CHECK(spool->append(make_entry("pdu", clock.now())).value() == Durability::committed);
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("a rescue that is cut short goes on where it was, and copies nothing twice", "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const MemoryDir dir;
    HandClock clock;
    constexpr int entries = 1500;
    make_spool(dir.path(), clock, entries);
    const auto damaged = dir.path() / "spool.db.rescue-20261122T170405Z";
    fs::rename(dir.path() / "spool.db", damaged);
    int steps = 0;
    std::int64_t copied = 0;
    for (bool done = false; !done; ++steps) {
        REQUIRE(steps < 100);
        // As after a kill: all that is known is in the two files.
        auto into = SpoolFile::open(dir.path() / "spool.db", {});
        REQUIRE(into);
        const auto rescue = std::make_unique<Rescue>(damaged);
        REQUIRE(rescue->begin(**into, std::nullopt));
        CHECK(rescue->copied() == copied);
        const auto step = rescue->step(**into, 10s);
        REQUIRE(step);
        copied = rescue->copied();
        done = *step == Rescue::Step::done;
        CHECK((*into)->ledger().pending() == copied);
    }
    CHECK(steps > 3);
    fs::remove(damaged);
    auto spool = open_spool(dir.path(), clock);
    CHECK(ids_of(*spool).size() == entries * per_entry);
    CHECK(spool->info().read == entries * per_entry);
    CHECK(spool->info().dropped == 0);
    check_identity(*spool);
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("whichever write or flush fails while a damaged spool is replaced, nothing is lost",
          "[spool]") {
    spdlog::set_level(spdlog::level::off);
    std::mt19937 random(1);
    const bool stays = GENERATE(true, false);
    const int step = effort() > 1 ? 1 : 5;
    constexpr int entries = 20;
    const std::size_t delivered = 30;
    HandClock clock;
    const MemoryDir made;
    make_spool(made.path(), clock, entries);
    {
        auto spool = open_spool(made.path(), clock);
        settle_all(*spool, spool->next_batch({delivered, 1U << 20U}).value().documents,
                   Outcome::stored);
    }
    overwrite(made.path() / "spool.db", 1);
    bool met = true;
    for (int after = 0; met; after += step) {
        INFO((stays ? "writes fail from number " : "a flush fails, number ") << after);
        const MemoryDir dir;
        const MemoryDir remains;
        fs::copy_file(made.path() / "spool.db", dir.path() / "spool.db");
        FaultDisk disk;
        disk.fail(stays ? FaultDisk::Fault::io_error : FaultDisk::Fault::flush_error, after,
                  stays ? 1'000'000 : step);
        auto spool = open_spool(dir.path(), clock);
        met = disk.operations() > after;
        REQUIRE(spool->append(make_entry("pdu", clock.now() + 1s, per_entry)));
        disk.fail(FaultDisk::Fault::none, 0, 0);
        for (int i = 0; i < 20; ++i) {
            clock.advance(10s);
            spool->tick();
        }
        REQUIRE(spool->append(make_entry("pdu", clock.now() + 1s, per_entry)).value() ==
                Durability::committed);
        REQUIRE(spool->flush());
        const auto look_at = [=](Spool& there) {
            CHECK(ids_of(there).size() == (entries + 2) * per_entry - delivered);
            CHECK(there.info().read == (entries + 2) * per_entry);
            CHECK(there.info().stored == static_cast<std::int64_t>(delivered));
            CHECK(there.info().dropped == 0);
            check_identity(there);
        };
        look_at(*spool);
        disk.cut_power(remains.path(), random);
        look_at(*open_spool(remains.path(), clock));
    }
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE(
    "a damaged spool on a disk with no byte free is shipped from memory, and made anew when "
    "room comes",
    "[spool]") {
    const SmallDisk disk(SmallDisk::Ext4{12U << 20U});
    if (!disk.is_there()) {
        WARN("a small file system is not tried: this user may not mount one");
        return;
    }
    spdlog::set_level(spdlog::level::off);
    HandClock clock;
    constexpr int entries = 6000;
    make_spool(disk.spool(), clock, entries);
    const auto file = disk.spool() / "spool.db";
    const auto pages = pages_of(file, "entry");
    overwrite(file, pages[pages.size() / 2]);
    // As on a disk that has been full for long: the ballast went before.
    fs::remove(disk.spool() / "spool.ballast");
    disk.fill_up_to(0);
    const bool somebody_makes_room = GENERATE(true, false);
    const bool dies_meanwhile = GENERATE(true, false);
    INFO("room is made: " << somebody_makes_room << ", dies: " << dies_meanwhile);
    auto spool = open_spool(disk.spool(), clock, {.directory = {}, .max_bytes = 32U << 20U});
    std::set<std::string> shipped;
    std::int64_t sampled = 0;
    bool from_memory = false;
    for (int second = 0; second < 2000; ++second) {
        clock.advance(1s);
        if (second % 10 == 0) {
            const auto appended = spool->append(make_entry("pdu", clock.now(), per_entry));
            REQUIRE(appended);
            from_memory = from_memory || *appended == Durability::in_memory;
            sampled += per_entry;
        }
        spool->tick();
        const auto batch = spool->next_batch({500, 1U << 20U});
        REQUIRE(batch);
        for (const auto& document : batch->documents) {
            CHECK(document.json == json_of(document.id));
            shipped.insert(document.id);
        }
        settle_all(*spool, batch->documents, Outcome::stored);
        if (second == 25) {
            CHECK(from_memory);
            CHECK(shipped.size() > 1000);
            CHECK(disk.free_bytes() < 4096);
            check_identity(*spool);
            if (dies_meanwhile) {
                // All that was sampled has been shipped; what was delivered is sent once more.
                spool.reset();
                sampled = 0;
                spool = open_spool(disk.spool(), clock, {.directory = {}, .max_bytes = 32U << 20U});
            }
            if (somebody_makes_room) {
                disk.make_room();
            }
        }
    }
    CHECK(spool->append(make_entry("pdu", clock.now() + 1s, per_entry)).value() ==
          Durability::committed);
    sampled += per_entry;
    const auto info = spool->info();
    const auto all = static_cast<std::int64_t>(entries * per_entry) + sampled;
    INFO("shipped " << shipped.size() << " of " << all << ", free " << disk.free_bytes());
    CHECK(info.unwritten_entries == 0);
    CHECK(info.read == all);
    CHECK(info.dropped <= 10 * per_entry);
    CHECK(static_cast<std::int64_t>(shipped.size()) >= entries * per_entry - info.dropped);
    CHECK(info.stored == all - info.dropped - per_entry);
    check_identity(*spool);
    spool.reset();
    spool = open_spool(disk.spool(), clock, {.directory = {}, .max_bytes = 32U << 20U});
    CHECK(spool->info().read == all);
    CHECK(all_pending(*spool).size() == per_entry);
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("a damaged spool without room for a second copy is shipped whole all the same",
          "[spool]") {
    const SmallDisk disk(SmallDisk::Ext4{12U << 20U});
    if (!disk.is_there()) {
        WARN("a small file system is not tried: this user may not mount one");
        return;
    }
    spdlog::set_level(spdlog::level::off);
    HandClock clock;
    constexpr int entries = 21'000;
    make_spool(disk.spool(), clock, entries);
    const auto file = disk.spool() / "spool.db";
    REQUIRE(fs::file_size(file) > 4U << 20U);
    const auto pages = pages_of(file, "entry");
    overwrite(file, pages[pages.size() / 2]);
    // Less than the file has.
    const std::uint64_t left = GENERATE(2U << 20U, 600U << 10U);
    INFO("left " << left);
    disk.fill_up_to(left);
    const SpoolOptions options{.directory = {}, .max_bytes = 32U << 20U};
    auto spool = open_spool(disk.spool(), clock, options);
    std::set<std::string> shipped;
    std::int64_t sampled = 0;
    for (int second = 0; second < 4000; ++second) {
        clock.advance(1s);
        if (second % 10 == 0) {
            REQUIRE(spool->append(make_entry("pdu", clock.now(), per_entry)));
            sampled += per_entry;
        }
        spool->tick();
        const auto batch = spool->next_batch({500, 1U << 20U});
        REQUIRE(batch);
        for (const auto& document : batch->documents) {
            CHECK(document.json == json_of(document.id));
            shipped.insert(document.id);
        }
        settle_all(*spool, batch->documents, Outcome::stored);
        if (second % 50 == 20) {
            spool.reset();
            spool = open_spool(disk.spool(), clock, options);
        }
        if (second > 100 && batch->documents.empty()) {
            bool rescuing = false;
            for (const auto& item : fs::directory_iterator(disk.spool())) {
                rescuing =
                    rescuing || item.path().filename().string().find("rescue") != std::string::npos;
            }
            if (!rescuing) {
                break;
            }
        }
    }
    const auto info = spool->info();
    const auto all = static_cast<std::int64_t>(entries * per_entry) + sampled;
    INFO("shipped " << shipped.size() << " of " << all << ", free " << disk.free_bytes());
    CHECK(static_cast<std::int64_t>(shipped.size()) >= all - 10 * per_entry);
    CHECK(info.read == all);
    CHECK(info.stored + info.duplicates + info.dropped == all);
    CHECK(info.dropped == all - static_cast<std::int64_t>(shipped.size()));
    CHECK(info.pending_documents == 0);
    CHECK_FALSE(fs::exists(disk.spool() / "spool.db.new"));
    check_identity(*spool);
    spdlog::set_level(spdlog::level::info);
}
