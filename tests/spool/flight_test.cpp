// SPDX-License-Identifier: MIT
#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "fault_disk.h"
#include "memory_dir.h"
#include "spool_support.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

// What a full spool has to drop while its answer is on the way.

namespace {

constexpr int documents = 9;

/// A small spool, quiet.
class FullSpool {
  public:
    explicit FullSpool(std::size_t memory_entries = 1000, std::uint64_t max_bytes = 256U << 10U) {
        spdlog::set_level(spdlog::level::off);
        options_.max_bytes = max_bytes;
        options_.memory_entries = memory_entries;
        open();
    }
    ~FullSpool() { spdlog::set_level(spdlog::level::info); }
    FullSpool(const FullSpool&) = delete;
    FullSpool& operator=(const FullSpool&) = delete;

    void open() {
        spool.reset();
        spool = open_spool(dir.path(), clock, options_);
    }
    void append(int entries) {
        for (int i = 0; i < entries; ++i) {
            clock.advance(10s);
            REQUIRE(spool->append(make_entry("pdu", clock.now(), documents)));
        }
    }
    /// So many of the oldest documents.
    std::vector<SpooledDocument> take(std::size_t count) {
        auto batch = spool->next_batch({count, 1U << 20U});
        REQUIRE(batch);
        REQUIRE(batch->documents.size() == count);
        return std::move(batch->documents);
    }
    /// Until these are out of the file.
    void push_out(const std::vector<SpooledDocument>& gone) {
        std::set<std::string> left;
        do {
            append(20);
            left.clear();
            CHECK(spool->export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
                for (const auto& document : entry.documents) {
                    left.insert(document.id);
                }
                return true;
            }));
        } while (left.contains(gone.back().id));
    }
    std::vector<Settlement> fates(const std::vector<SpooledDocument>& taken, Outcome outcome) {
        std::vector<Settlement> all;
        for (const auto& document : taken) {
            all.push_back({document.ref, outcome, 400, "document_parsing_exception", "no"});
        }
        return all;
    }

    MemoryDir dir;
    HandClock clock;
    FaultDisk disk;
    std::unique_ptr<Spool> spool;

  private:
    SpoolOptions options_;
};

}  // namespace

TEST_CASE("what is dropped in flight counts by its answer", "[spool]") {
    FullSpool full;
    auto& spool = *full.spool;
    full.append(50);
    const auto batch = full.take(100);
    full.push_out(batch);
    // As long as the answer is out nobody knows.
    auto info = spool.info();
    const auto dropped = info.dropped;
    CHECK(info.read == info.pending_documents + dropped);
    const auto outcome =
        GENERATE(Outcome::stored, Outcome::duplicate, Outcome::rejected, Outcome::kept);
    auto fates = full.fates(batch, outcome);
    fates.push_back(fates.front());  // told twice, it counts once
    REQUIRE(spool.settle(fates));
    info = spool.info();
    CHECK(info.stored == (outcome == Outcome::stored ? 100 : 0));
    CHECK(info.duplicates == (outcome == Outcome::duplicate ? 100 : 0));
    CHECK(info.rejected == (outcome == Outcome::rejected ? 100 : 0));
    CHECK(info.rejects_dropped == info.rejected);  // their entries are gone
    CHECK(info.dropped == dropped + (outcome == Outcome::kept ? 100 : 0));
    check_identity(spool);
    REQUIRE(spool.settle(full.fates(batch, Outcome::stored)));
    CHECK(spool.info().stored == info.stored);
    CHECK(spool.info().dropped == info.dropped);
    full.open();
    CHECK(full.spool->info().stored == info.stored);
    CHECK(full.spool->info().dropped == info.dropped);
    check_identity(*full.spool);
}

TEST_CASE("what is dropped in flight and never answered is dropped", "[spool]") {
    FullSpool full;
    full.append(50);
    const auto batch = full.take(100);
    full.push_out(batch);
    const auto dropped = full.spool->info().dropped;
    const bool dies = GENERATE(false, true);
    if (dies) {
        full.open();
    } else {
        full.take(10);
    }
    CHECK(full.spool->info().dropped == dropped + 100);
    check_identity(*full.spool);
    // An answer that comes later is none of the batch that is out.
    REQUIRE(full.spool->settle(full.fates(batch, Outcome::stored)));
    CHECK(full.spool->info().stored == 0);
    check_identity(*full.spool);
}

TEST_CASE("an answer that the disk refuses to book takes the drop back once it can be written",
          "[spool]") {
    FullSpool full;
    full.append(50);
    const auto batch = full.take(100);
    full.push_out(batch);
    const auto dropped = full.spool->info().dropped;
    full.disk.fail(FaultDisk::Fault::io_error, 0, 1'000'000'000);
    CHECK_FALSE(full.spool->settle(full.fates(batch, Outcome::stored)));
    const auto check = [&] {
        CHECK(full.spool->info().stored == 100);
        CHECK(full.spool->info().dropped == dropped);
        check_identity(*full.spool);
    };
    check();
    full.disk.fail(FaultDisk::Fault::none, 0, 0);
    full.clock.advance(1min);
    full.spool->tick();
    check();
    full.open();
    check();
}

TEST_CASE("memory gives up nothing that is in flight", "[spool]") {
    FullSpool full(5);
    full.disk.fail(FaultDisk::Fault::io_error, 0, 1'000'000'000);
    full.append(4);
    const auto batch = full.take(documents * 2 + 1);
    full.append(20);
    // The three that are out, and the newest two.
    CHECK(full.spool->info().pending_documents == 5 * documents);
    CHECK(full.spool->info().dropped == 19 * documents);
    const bool comes_back = GENERATE(false, true);
    if (comes_back) {  // they get their place in the file, and are dropped from there
        full.disk.fail(FaultDisk::Fault::none, 0, 0);
        full.clock.advance(1min);
        full.push_out(batch);
    }
    const auto dropped = full.spool->info().dropped;
    static_cast<void>(full.spool->settle(full.fates(batch, Outcome::stored)));
    CHECK(full.spool->info().stored == documents * 2 + 1);
    CHECK(full.spool->info().dropped == dropped);
    full.disk.fail(FaultDisk::Fault::none, 0, 0);
    full.clock.advance(1min);
    full.spool->tick();
    check_identity(*full.spool);
    // All that memory may hold is in flight: it holds one more.
    full.disk.fail(FaultDisk::Fault::io_error, 0, 1'000'000'000);
    full.append(5);
    full.take(static_cast<std::size_t>(full.spool->info().pending_documents));
    full.append(1);
    CHECK(full.spool->info().dropped == dropped);
    full.append(1);
    CHECK(full.spool->info().dropped == dropped + documents);
}

TEST_CASE("the answer for a spool that has vanished settles nothing of the one after it",
          "[spool]") {
    constexpr int entries = 3000;  // more than the pages that are kept in memory
    FullSpool full(1000, 32U << 20U);
    full.append(entries);
    const auto batch = full.take(100);
    // Found to be damaged it is opened again: there is none.
    const auto file = full.dir.path() / "spool.db";
    const auto size = std::filesystem::file_size(file);
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    std::filesystem::remove(file);
    std::filesystem::remove(full.dir.path() / "spool.db-wal");
    stream.seekp(1024) << std::string(size - 1024, '\xa5') << std::flush;
    CHECK(full.spool->export_entries(Timestamp{}, Timestamp::max(),
                                     [](const Entry&) { return true; }));
    REQUIRE(batch.front().ref.seq == 1);
    REQUIRE(full.spool->info().dropped + 100 == entries * documents);
    full.append(20);
    REQUIRE(full.spool->settle(full.fates(batch, Outcome::stored)));
    CHECK(full.spool->info().stored == 100);
    CHECK(full.spool->info().dropped == entries * documents - 100);
    CHECK(all_pending(*full.spool).size() == 20 * documents);
    check_identity(*full.spool);
}
