// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "memory_dir.h"
#include "spool/schema.h"
#include "spool_support.h"
#include "support/text.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
}

/// The files of a living spool, as a crash would leave them, and what was in it.
struct LiveCopy {
    std::string file;
    std::string log;
    std::set<std::string> ids;        ///< all documents
    std::set<std::string> delivered;  ///< of these
};

/// Part of its entries are in the file, part in the log, part delivered; some bodies need overflow
/// pages.
LiveCopy copy_of_a_living_spool(int entries) {
    const MemoryDir dir;
    HandClock clock;
    LiveCopy copy;
    auto spool = open_spool(dir.path(), clock);
    for (int i = 0; i < entries; ++i) {
        clock.advance(10s);
        const int documents = i % 7 == 0 ? 60 : 9;
        auto entry = make_entry(i % 2 == 0 ? "pdu" : "ats", clock.now(), documents);
        entry.state = {{"energy", std::to_string(i)}};
        REQUIRE(spool->append(entry));
        for (const auto& document : entry.documents) {
            copy.ids.insert(document.id);
        }
        if (i == entries / 2) {
            const auto batch = spool->next_batch({40, 1U << 20U});
            settle_all(*spool, batch->documents, Outcome::stored);
            for (const auto& document : batch->documents) {
                copy.delivered.insert(document.id);
            }
            spool.reset();  // moves the log into the file
            spool = open_spool(dir.path(), clock);
        }
    }
    copy.file = content(dir.path() / "spool.db");
    copy.log = content(dir.path() / "spool.db-wal");
    return copy;
}

/// Whatever happened to the files: it opens, nothing wrong comes out, and it goes on.
/// `all_counted`: what is missing is counted, but for `uncounted` documents. Returns how many
/// documents are there.
std::size_t check_opens(const fs::path& directory, const LiveCopy& copy, bool all_counted,
                        std::int64_t uncounted = 0) {
    HandClock clock;
    auto spool = open_spool(directory, clock);
    std::set<std::string> there;
    CHECK(spool->export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
        for (const auto& [id, index, json] : entry.documents) {
            CHECK(copy.ids.contains(id));
            CHECK(json == json_of(id));
            there.insert(id);
        }
        return true;
    }));
    for (const auto& document : all_pending(*spool)) {
        CHECK(copy.ids.contains(document.id));
        CHECK(document.json == json_of(document.id));
        CHECK(document.index == "powerwalker-metrics-2026.11");
    }
    if (const auto energy = spool->state("energy")) {
        CHECK(energy->size() <= 2);
        CHECK(energy->find_first_not_of("0123456789") == std::string::npos);
    }
    CHECK(spool->append(make_entry("fresh", clock.now() + 1h)).value() == Durability::committed);
    settle_all(*spool, all_pending(*spool), Outcome::stored);
    check_identity(*spool);
    CHECK(spool->info().pending_documents == 0);
    if (all_counted) {
        CHECK(spool->info().read >= static_cast<std::int64_t>(copy.ids.size()) + 3 - uncounted);
    }
    return there.size();
}

}  // namespace

TEST_CASE("a spool cut at any place opens with what is left of it", "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const auto copy = copy_of_a_living_spool(24);
    REQUIRE(copy.log.size() > 8192);
    std::size_t before = 0;
    for (std::size_t length = 0; length <= copy.log.size(); length += 512) {
        INFO("log cut at " << length);
        const MemoryDir dir;
        put(dir.path() / "spool.db", copy.file);
        put(dir.path() / "spool.db-wal", copy.log.substr(0, length));
        const auto there = check_opens(dir.path(), copy, false);
        CHECK(there >= before);  // a prefix, which only grows
        before = there;
    }
    for (std::size_t length = 0; length <= copy.file.size(); length += 512) {
        INFO("file cut at " << length);
        const MemoryDir dir;
        put(dir.path() / "spool.db", copy.file.substr(0, length));
        put(dir.path() / "spool.db-wal", copy.log);
        check_opens(dir.path(), copy, true);
    }
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("no flipped bit makes a wrong document", "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const auto copy = copy_of_a_living_spool(24);
    const auto seed = std::random_device{}();
    std::mt19937 random(seed);
    std::size_t worst = copy.ids.size();
    for (int i = 0; i < 300 * effort(); ++i) {
        const MemoryDir dir;
        std::string file = copy.file;
        std::string log = copy.log;
        const bool in_file = random() % 2 == 0;
        std::string& hit = in_file ? file : log;
        const std::size_t bit = random() % (hit.size() * 8);
        INFO("seed " << seed << ", bit " << bit << " of the " << (in_file ? "file" : "log"));
        hit[bit / 8] = static_cast<char>(hit[bit / 8] ^ (1 << (bit % 8)));
        put(dir.path() / "spool.db", file);
        put(dir.path() / "spool.db-wal", log);
        // The log's end is lost, and counted by the books in it, but for the last commit where that
        // itself is hit.
        const auto there = check_opens(dir.path(), copy, true, in_file ? 0 : 9);
        worst = in_file ? std::min(worst, there) : worst;
    }
    // One bit of the file costs an entry, in the worst case a page of them, and what was delivered.
    CHECK(worst + 180 + copy.delivered.size() >= copy.ids.size());
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("a first page that is damaged costs nothing, wherever it is hit", "[spool]") {
    spdlog::set_level(spdlog::level::off);
    const MemoryDir made;
    HandClock clock;
    constexpr int entries = 8;
    {
        auto spool = open_spool(made.path(), clock);
        for (int i = 0; i < entries; ++i) {
            clock.advance(10s);
            REQUIRE(spool->append(make_entry("pdu", clock.now())));
        }
    }
    const std::string whole = content(made.path() / "spool.db");
    const auto check = [&](std::size_t from, std::size_t length, int mask) {
        INFO(length << " bytes from " << from << " by " << mask);
        const MemoryDir dir;
        std::string file = whole;
        for (std::size_t i = from; i < from + length; ++i) {
            file[i] = static_cast<char>(file[i] ^ mask);
        }
        put(dir.path() / "spool.db", file);
        auto spool = open_spool(dir.path(), clock);
        const auto there = all_pending(*spool);
        const auto info = spool->info();
        CHECK(there.size() == std::size_t{entries * 3});
        CHECK(info.read == entries * 3);
        CHECK(info.dropped == 0);
        check_identity(*spool);
    };
    for (std::size_t bit = 0; bit < 100 * 8; ++bit) {
        check(bit / 8, 1, 1 << (bit % 8));
    }
    for (std::size_t at = 100; at < 1024; at += 7) {
        check(at, 1, 0x10);
    }
    check(0, 1024, 0x5a);
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("how many waited is not said where nothing of a damaged spool can be read", "[spool]") {
    const MemoryDir dir;
    HandClock clock;
    {
        auto spool = open_spool(dir.path(), clock);
        REQUIRE(spool->append(make_entry("pdu", clock.now())));
    }
    std::string file = content(dir.path() / "spool.db");
    file.replace(0, ledger_page * page_size, ledger_page * page_size, '\xa5');
    put(dir.path() / "spool.db", file);
    std::ostringstream said;
    const auto before = spdlog::default_logger();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_st>(said)));
    auto spool = open_spool(dir.path(), clock);
    spdlog::set_default_logger(before);
    CHECK_THAT(said.str(), Catch::Contains("how many waited in it is not known"));
    CHECK_THAT(said.str(), !Catch::Contains("0 lost"));
    check_identity(*spool);
}
