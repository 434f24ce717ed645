// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "memory_dir.h"
#include "spool/rescue/rescue.h"
#include "spool_support.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

Entry make_entry_with_state(Timestamp time, const std::string& energy) {
    auto entry = make_entry("pdu", time);
    entry.state = {{"energy", energy}};
    return entry;
}

}  // namespace

TEST_CASE("what a damaged spool remembers fills gaps, and never takes the place of what is newer",
          "[spool]") {
    const MemoryDir dir;
    HandClock clock;
    {
        // More entries than its successor will have: what is old has the higher number.
        auto spool = open_spool(dir.path(), clock);
        for (int i = 0; i < 20; ++i) {
            clock.advance(10s);
            REQUIRE(spool->append(make_entry_with_state(clock.now(), "old")));
        }
        REQUIRE(spool->remember("alarms", "old"));
    }
    const auto damaged = dir.path() / "spool.db.rescue-20261122T170405Z";
    fs::rename(dir.path() / "spool.db", damaged);
    const auto fresh = SpoolFile::open(dir.path() / "spool.db", {});
    REQUIRE(fresh);
    auto& file = **fresh;
    REQUIRE(Rescue::prepare(file, damaged));
    // The damaged one could not be read at first, and sampling went on.
    clock.advance(10s);
    const std::vector<WaitingEntry> newer{{std::make_shared<const PreparedEntry>(
        *prepare(make_entry_with_state(clock.now(), "new")))}};
    REQUIRE(file.append(newer, Sync::relaxed, clock.wall_now(), 1h, Sacrifice::pending));
    Rescue rescue(damaged);
    REQUIRE(rescue.begin(file, std::nullopt));
    CHECK(file.entries().remembered("energy").value() == "new");
    CHECK(file.entries().remembered("alarms").value() == "old");
}
