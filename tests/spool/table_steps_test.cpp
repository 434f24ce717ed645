// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "memory_dir.h"
#include "spool/archive_reader.h"
#include "spool/spool_file.h"
#include "spool/spool_inspection.h"
#include "spool_support.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

TEST_CASE("nothing walks through a whole table, however much is in it", "[spool]") {
    const MemoryDir dir;
    const auto path = dir.path() / "spool.db";
    auto opened = SpoolFile::open(path, {});
    REQUIRE(opened);
    auto& file = **opened;
    const Timestamp start{std::chrono::milliseconds(1'795'366'800'000)};
    const auto append = [&](int from, int count) {
        for (int i = from; i < from + count; ++i) {
            std::vector<WaitingEntry> one{{std::make_shared<const PreparedEntry>(
                *prepare(make_entry(i % 2 == 0 ? "pdu" : "ats", start + i * 1s)))}};
            REQUIRE(file.append(one, Sync::relaxed, start, 1h, Sacrifice::pending));
        }
    };
    append(0, 2000);
    const auto batch = file.delivery().next_batch({100, 1U << 20U}, {});
    REQUIRE(batch);
    std::vector<Settlement> settlements;
    for (const auto& document : batch->documents) {
        settlements.push_back(
            {document.ref, document.ref.position == 0 ? Outcome::rejected : Outcome::stored});
    }
    DocumentMasks in_flight;
    REQUIRE(file.delivery().settle(settlements, start, in_flight));
    append(2000, 100);
    REQUIRE(file.rejects().list({}, 10)->size() == 10);
    REQUIRE(file.rejects().retry({}, 3).value() == 3);
    REQUIRE(file.entries().free_time("pdu", start).value() == start + 1ms);
    REQUIRE(file.entries().newest_times()->size() == 2);
    REQUIRE(file.entries().contains("pdu", start).value());
    REQUIRE(file.flush(24h * 8));
    SpoolInfo info;
    fill(info, file);
    CHECK(info.first_time);
    ArchiveReader reader(start, start + 1h);
    REQUIRE(reader.read(file, 10)->size() == 10);

    // SQLite counts, per statement, the steps it made through a table without an index's help.
    auto statements = file.database().query(
        "SELECT sql,nscan,run FROM sqlite_stmt WHERE sql NOT LIKE '%sqlite_%'");
    int seen = 0;
    for (;;) {
        const auto row = statements.next();
        if (!row) {
            WARN("SQLite is built without sqlite_stmt: the steps cannot be counted");
            return;
        }
        if (!*row) {
            break;
        }
        ++seen;
        INFO(std::string(statements.bytes(0)));
        const auto runs = std::max<std::int64_t>(1, statements.integer(2));
        CHECK(statements.integer(1) / runs <= 3);  // two streams, three rejects
    }
    CHECK(seen > 30);
}
