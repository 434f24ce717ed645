// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "spool/schema.h"
#include "spool_support.h"
#include "support/paths.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

std::filesystem::path released(std::uint32_t format) {
    return test_data() / fmt::format("spool/format-{}.db", format);
}

/// A copy of a spool that a release left behind, as its own folder.
void lay_down(std::uint32_t format, const TempDir& dir) {
    std::filesystem::permissions(dir.path(), std::filesystem::perms::owner_all);
    std::filesystem::copy_file(released(format), dir.path() / "spool.db");
}

}  // namespace

// Each file: `once` of 0.1.0 against a server that took ten documents and refused one, then `once`
// with no server. What it holds does not change with the version that reads it.
TEST_CASE("the spool of every released format opens with all that it holds", "[spool]") {
    for (std::uint32_t format = 1; format <= schema_version; ++format) {
        INFO("a new format needs its file in tests/data/spool: " << released(format));
        REQUIRE(std::filesystem::exists(released(format)));
        const TempDir dir;
        lay_down(format, dir);
        HandClock clock;
        auto spool = open_spool(dir.path(), clock);
        const auto info = spool->info();
        CHECK(info.read == 21);
        CHECK(info.stored == 10);
        CHECK(info.rejected == 1);
        CHECK(info.dropped == 0);
        check_identity(*spool);

        const auto pending = all_pending(*spool);
        REQUIRE(pending.size() == 10);
        CHECK(pending[0].index == "powerwalker-metrics-2026.11");
        CHECK(pending[0].json.find(R"("@timestamp":"2026-11-28T01:33:0)") != std::string::npos);
        const auto rejects = spool->rejects({}, 10);
        REQUIRE(rejects);
        REQUIRE(rejects->size() == 1);
        settle_all(*spool, pending, Outcome::stored);
        CHECK(spool->info().pending_documents == 0);
    }
}
