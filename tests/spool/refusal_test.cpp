// SPDX-License-Identifier: MIT
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "fault_disk.h"
#include "memory_dir.h"
#include "spool_support.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;
using Fault = FaultDisk::Fault;

namespace {

constexpr int for_ever = 1'000'000'000;

/// What is logged while this lives.
class LogLines {
  public:
    LogLines() : before_(spdlog::default_logger()) {
        spdlog::set_default_logger(std::make_shared<spdlog::logger>(
            "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
    }
    ~LogLines() { spdlog::set_default_logger(before_); }
    LogLines(const LogLines&) = delete;
    LogLines& operator=(const LogLines&) = delete;
    std::vector<std::string> take() {
        std::istringstream stream(text_.str());
        std::vector<std::string> lines;
        for (std::string line; std::getline(stream, line);) {
            lines.push_back(line);
        }
        text_.str("");
        return lines;
    }

  private:
    std::ostringstream text_;
    std::shared_ptr<spdlog::logger> before_;
};

void append(Spool& spool, HandClock& clock, int entries, Durability where) {
    for (int i = 0; i < entries; ++i) {
        clock.advance(10s);
        REQUIRE(spool.append(make_entry("pdu", clock.now())).value() == where);
    }
}

}  // namespace

TEST_CASE("while the disk refuses all is shipped from memory, once, and booked afterwards",
          "[spool]") {
    const LogLines lines;
    const MemoryDir dir;
    HandClock clock;
    FaultDisk disk;
    auto spool = open_spool(dir.path(), clock);
    append(*spool, clock, 6, Durability::committed);
    disk.fail(GENERATE(Fault::io_error, Fault::disk_full), 0, for_ever);
    append(*spool, clock, 4, Durability::in_memory);

    // In two batches, so that the second begins behind the first; one of each is refused.
    std::set<std::string> shipped;
    DocumentRef after;
    for (int round = 0; round < 2; ++round) {
        const auto batch = spool->next_batch({15, 1U << 20U}, after);
        REQUIRE(batch);
        REQUIRE(batch->documents.size() == 15);
        CHECK(batch->more == (round == 0));
        std::vector<Settlement> settlements;
        for (const auto& document : batch->documents) {
            CHECK(document.json == json_of(document.id));
            CHECK(shipped.insert(document.id).second);
            settlements.push_back({document.ref, Outcome::stored});
        }
        settlements.front().outcome = Outcome::rejected;
        settlements.front().status = 400;
        settlements.back().outcome = Outcome::duplicate;
        const auto settled = spool->settle(settlements);
        REQUIRE_FALSE(settled);
        CHECK(settled.error().kind == ErrorKind::unavailable);
        after = batch->documents.back().ref;
        check_identity(*spool);
    }
    const auto check = [&] {
        CHECK(all_pending(*spool).empty());
        const auto info = spool->info();
        CHECK(info.read == 30);
        CHECK(info.stored == 26);
        CHECK(info.duplicates == 2);
        CHECK(info.rejected == 2);
        CHECK(info.pending_documents == 0);
        CHECK(info.dropped == 0);
    };
    check();
    disk.fail(Fault::none, 0, 0);
    for (int i = 0; i < 60; ++i) {
        clock.advance(10s);
        spool->tick();
    }
    check();
    CHECK(spool->info().unwritten_entries == 0);
    CHECK_FALSE(spool->info().disk_full);
    spool.reset();
    spool = open_spool(dir.path(), clock);
    check();
    CHECK(spool->info().entries == 10);
    CHECK(spool->rejects({}, 10)->size() == 2);
}

TEST_CASE("a batch from memory that is written before its fate is known is settled in the file",
          "[spool]") {
    const LogLines lines;
    const MemoryDir dir;
    HandClock clock;
    FaultDisk disk;
    auto spool = open_spool(dir.path(), clock);
    disk.fail(Fault::io_error, 0, for_ever);
    append(*spool, clock, 3, Durability::in_memory);
    const auto batch = spool->next_batch({});
    REQUIRE(batch->documents.size() == 9);
    disk.fail(Fault::none, 0, 0);
    clock.advance(1min);
    spool->tick();
    CHECK(spool->info().unwritten_entries == 0);
    settle_all(*spool, batch->documents, Outcome::stored);
    CHECK(all_pending(*spool).empty());
    CHECK(spool->info().stored == 9);
    check_identity(*spool);
}

TEST_CASE("what was shipped from memory makes room there before anything is lost", "[spool]") {
    const LogLines lines;
    const MemoryDir dir;
    HandClock clock;
    FaultDisk disk;
    SpoolOptions options;
    options.memory_entries = 5;
    auto spool = open_spool(dir.path(), clock, options);
    disk.fail(Fault::io_error, 0, for_ever);
    for (int round = 0; round < 10; ++round) {
        append(*spool, clock, 5, Durability::in_memory);
        settle_all(*spool, all_pending(*spool), Outcome::stored);
    }
    CHECK(spool->info().dropped == 0);
    CHECK(spool->info().stored == 150);
    disk.fail(Fault::none, 0, 0);
    clock.advance(1min);
    spool->tick();
    CHECK(spool->info().read == 150);
    CHECK(spool->info().stored == 150);
    spool.reset();
    spool = open_spool(dir.path(), clock, options);
    CHECK(spool->info().stored == 150);
    check_identity(*spool);
}

TEST_CASE("a disk that refuses is told once, tried at growing intervals, and told when it is over",
          "[spool]") {
    LogLines lines;
    const MemoryDir dir;
    HandClock clock;
    FaultDisk disk;
    auto spool = open_spool(dir.path(), clock);
    append(*spool, clock, 3, Durability::committed);
    CHECK(lines.take().empty());
    // Full, though the system says that there is room: as a quota or a thin volume does it.
    disk.fail(GENERATE(Fault::io_error, Fault::disk_full), 0, for_ever);
    const bool is_shipped = GENERATE(false, true);
    for (int second = 0; second < 600; ++second) {
        clock.advance(1s);
        if (second % 10 == 0) {
            REQUIRE(spool->append(make_entry("pdu", clock.now())));
        }
        if (is_shipped) {  // from memory, which writes nothing
            settle_all(*spool, all_pending(*spool), Outcome::stored);
        }
        spool->tick();
        if (second > 0) {
            CHECK_FALSE(std::filesystem::exists(dir.path() / "spool.ballast-journal"));
        }
    }
    auto told = lines.take();
    REQUIRE(told.size() == 1);
    CHECK_THAT(told[0], Catch::Contains("cannot be written"));
    const int tries = disk.operations();
    for (int second = 0; second < 600; ++second) {
        clock.advance(1s);
        spool->tick();
    }
    CHECK(disk.operations() - tries <= 80);  // ten minutes, a try or two in each
    CHECK(lines.take().empty());
    disk.fail(Fault::none, 0, 0);
    for (int second = 0; second < 4000; ++second) {
        clock.advance(1s);
        if (second % 2 == 0) {
            REQUIRE(spool->append(make_entry("pdu", clock.now(), 9)));
        }
        spool->tick();
    }
    told = lines.take();
    REQUIRE(told.size() == 1);
    CHECK_THAT(told[0], Catch::Contains("can be written again"));
    CHECK(std::filesystem::exists(dir.path() / "spool.ballast"));
    CHECK(spool->info().dropped == 0);
    check_identity(*spool);
}

TEST_CASE("what goes while the disk refuses, or with the process, is told", "[spool]") {
    LogLines lines;
    const MemoryDir dir;
    HandClock clock;
    FaultDisk disk;
    SpoolOptions options;
    options.memory_entries = 5;
    auto spool = open_spool(dir.path(), clock, options);
    disk.fail(Fault::io_error, 0, for_ever);
    append(*spool, clock, 8, Durability::in_memory);
    clock.advance(1min);
    spool->tick();
    settle_all(*spool, spool->next_batch({3, 1U << 20U})->documents, Outcome::stored);
    spool.reset();
    const auto told = lines.take();
    const auto is_told = [&](const std::string& what) {
        return std::any_of(told.begin(), told.end(), [&](const std::string& line) {
            return line.find(what) != std::string::npos;
        });
    };
    CHECK(is_told("dropped 3 documents, the oldest that waited: 3 in all"));
    CHECK(is_told("dropped 6 documents, the oldest that waited: 9 in all"));
    CHECK(is_told("12 documents that waited in memory are lost"));
}

TEST_CASE("a first spool that the disk fails to make is made later, and samples wait in memory",
          "[spool]") {
    LogLines lines;
    HandClock clock;
    const auto fault = GENERATE(Fault::io_error, Fault::flush_error);
    const int first = GENERATE(range(0, 12));
    INFO("from operation " << first);
    const MemoryDir dir;
    FaultDisk disk;
    disk.fail(fault, first, for_ever);
    auto spool = open_spool(dir.path(), clock);
    CHECK((first > 3 || spool->info().unopened));
    append(*spool, clock, 3, Durability::in_memory);
    settle_all(*spool, all_pending(*spool), Outcome::stored);
    for (int second = 0; second < 600; ++second) {
        clock.advance(1s);
        spool->tick();
    }
    CHECK(lines.take().size() == 1);
    check_identity(*spool);
    append(*spool, clock, 2, Durability::in_memory);
    disk.fail(Fault::none, 0, 0);
    for (int second = 0; second < 120; ++second) {
        clock.advance(1s);
        spool->tick();
    }
    CHECK(lines.take().size() == 1);
    CHECK_FALSE(spool->info().unopened);
    CHECK(spool->info().unwritten_entries == 0);
    spool.reset();
    spool = open_spool(dir.path(), clock);
    CHECK(spool->info().read == 15);
    CHECK(spool->info().stored == 9);
    CHECK(all_pending(*spool).size() == 6);
    check_identity(*spool);
}

TEST_CASE("a remembered value that cannot be read is told", "[spool]") {
    const MemoryDir dir;
    HandClock clock;
    FaultDisk disk;
    {
        auto spool = open_spool(dir.path(), clock);
        for (int i = 0; i < 6000; ++i) {  // more than the pages that are kept in memory
            REQUIRE(spool->remember("rack1/watch" + std::to_string(i), std::string(200, 'x')));
        }
    }
    auto spool = open_spool(dir.path(), clock);
    LogLines log;
    CHECK_FALSE(spool->state("rack1/energy"));
    CHECK(log.take().empty());  // never known
    for (int page = 1; page < 4000; ++page) {
        disk.unreadable_pages.insert(page);
    }
    CHECK_FALSE(spool->state("rack1/watch150"));
    const auto lines = log.take();
    CHECK(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
        return line.find("rack1/watch150 cannot be read") != std::string::npos &&
               line.find("Check the disk") != std::string::npos;
    }));
    disk.unreadable_pages.clear();
    clock.advance(1min);
    CHECK(spool->state("rack1/watch150") == std::string(200, 'x'));
}
