// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <fstream>

#include "memory_dir.h"
#include "spool/spool_inspection.h"
#include "spool_support.h"
#include "support/text.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

void fill(const std::filesystem::path& folder, HandClock& clock) {
    auto spool = open_spool(folder, clock);
    for (int i = 0; i < 20; ++i) {
        clock.advance(10s);
        REQUIRE(spool->append(make_entry("pdu", clock.now(), 9)));
    }
}

}  // namespace

TEST_CASE("an inspection tells what a spool holds and leaves its file as it was", "[spool]") {
    const MemoryDir dir;
    HandClock clock;
    fill(dir.path(), clock);
    const auto before = content(dir.path() / "spool.db");
    const auto info = inspect_spool(dir.path(), 5s);
    REQUIRE(info);
    CHECK(info->pending_documents == 180);
    CHECK(info->read == 180);
    CHECK(info->oldest_pending.has_value());
    CHECK(content(dir.path() / "spool.db") == before);
}

TEST_CASE("an inspection finds damage and mends nothing", "[spool]") {
    const MemoryDir dir;
    HandClock clock;
    fill(dir.path(), clock);
    const auto file = dir.path() / "spool.db";
    const int offset = GENERATE(16, 1024, 3000);  // the header, the books, an inner page
    {
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekp(offset);
        stream << std::string(2048, '\xa5');
    }
    const auto before = content(file);
    const auto info = inspect_spool(dir.path(), 5s);
    REQUIRE_FALSE(info);
    CHECK(info.error().kind == ErrorKind::corrupt);
    CHECK(content(file) == before);
}

TEST_CASE("an inspection does not get between a process and its spool", "[spool]") {
    const MemoryDir dir;
    const HandClock clock;
    const auto spool = open_spool(dir.path(), clock);
    const auto info = inspect_spool(dir.path(), 5s);
    REQUIRE_FALSE(info);
    CHECK(info.error().kind == ErrorKind::busy);
}

TEST_CASE("an inspection makes no spool where there is none", "[spool]") {
    const MemoryDir dir;
    const auto folder = dir.path() / "absent";
    const auto info = inspect_spool(folder, 5s);
    REQUIRE_FALSE(info);
    CHECK(info.error().kind == ErrorKind::not_found);
    CHECK_FALSE(std::filesystem::exists(folder));
}
