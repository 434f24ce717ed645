// SPDX-License-Identifier: MIT
#include "spool/archive_age.h"

#include <catch2/catch.hpp>

#include "spool_support.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

TEST_CASE("entries expire by the time that the machine ran", "[spool]") {
    ArchiveAge age(64min);
    age.note(1h, 10);
    CHECK(age.expired_before() == 0);
    age.note(1h + 63min, 20);
    CHECK(age.expired_before() == 0);
    age.note(1h + 64min, 30);
    CHECK(age.expired_before() == 10);
    age.note(1h + 127min, 40);
    CHECK(age.expired_before() == 20);
}

TEST_CASE("the age goes on over restarts of process and machine", "[spool]") {
    ArchiveAge before(64min);
    before.note(1h, 10);
    before.note(1h + 30min, 20);
    ArchiveAge after(64min);
    after.restore(before.save());
    SECTION("of the process: what passed between them counts") {
        after.note(1h + 64min, 30);
        CHECK(after.expired_before() == 10);
    }
    SECTION("of the machine: it has run for its uptime at least") {
        after.note(33min, 30);
        CHECK(after.expired_before() == 0);
        after.note(34min, 30);
        CHECK(after.expired_before() == 10);
    }
}

TEST_CASE("an age that cannot be read begins anew", "[spool]") {
    for (const auto* text : {"", "x", "1", "1 2 3", "1 2 3 x"}) {
        ArchiveAge age(64min);
        age.restore(text);
        age.note(100h, 10);
        CHECK(age.expired_before() == 0);
        age.note(100h + 64min, 20);
        CHECK(age.expired_before() == 10);
    }
}

TEST_CASE("the age is saved now and then, and is short", "[spool]") {
    ArchiveAge age(24h * 7);
    int saved = 0;
    std::size_t longest = 0;
    for (int minute = 0; minute < 20 * 24 * 60; ++minute) {
        age.note(std::chrono::minutes(minute), minute * 6);
        if (age.is_save_due()) {
            ++saved;
            longest = std::max(longest, age.save().size());
        }
    }
    CHECK(saved == 20 * 24 * 6);
    CHECK(longest < 1500);
}

namespace {

struct Archive {
    TempDir dir;
    HandClock clock;
    SpoolOptions options;
    std::unique_ptr<Spool> spool;

    Archive() {
        options.keep = 24h;
        open();
    }
    void open() {
        spool.reset();
        spool = open_spool(dir.path(), clock, options);
    }
    /// So many samples, delivered at once, one every five minutes.
    void live(int samples) {
        for (int i = 0; i < samples; ++i) {
            clock.advance(5min);
            const auto time = spool->free_time("pdu", clock.now());
            CHECK(spool->append(make_entry("pdu", time)));
            settle_all(*spool, all_pending(*spool), Outcome::stored);
            CHECK(spool->flush());
        }
    }
    std::int64_t entries() { return spool->info().entries; }
};

}  // namespace

TEST_CASE("a clock a year ahead for an hour deletes nothing", "[spool]") {
    Archive archive;
    archive.live(200);
    archive.clock.set_by(24h * 365);
    archive.live(6);
    archive.open();  // nor does a restart meanwhile
    archive.live(6);
    archive.clock.set_by(-24h * 365);
    archive.live(12);
    CHECK(archive.entries() == 224);
}

TEST_CASE("one sample dated 2036 does not keep the others", "[spool]") {
    Archive archive;
    archive.clock.set_by(24h * 365 * 10);
    archive.live(1);
    archive.clock.set_by(-24h * 365 * 10);
    archive.live(3 * 288);
    CHECK(archive.entries() >= 288);
    CHECK(archive.entries() <= 288 + 6);
}
