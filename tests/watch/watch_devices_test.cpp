// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "support/eventually.h"
#include "support/served.h"
#include "support/temp_dir.h"
#include "watch/watch_feed.h"

using namespace pwlog;
using namespace std::chrono_literals;

TEST_CASE("a device that is plugged in while it is watched has no error any more", "[cli]") {
    const test::TempDir folder;
    AtsConfig ats;
    ats.id = "ats";
    ats.port = {.name = folder.path() / "ats", .kind = PortOptions::Kind::descriptor};
    const auto feed = watch_devices({ats}, 10ms);
    const auto shown = [&] { return feed->state().status.devices.at(0); };
    REQUIRE(test::eventually([&] { return shown().failed > 0; }));
    CHECK_FALSE(shown().reachable);
    CHECK(shown().last_error_kind == "not_found");
    CHECK_FALSE(shown().last_error.empty());
    auto options = test::Served::fast_ats();
    options.port.link = ats.port.name;
    const auto device = test::Served::start(options);
    REQUIRE(device);
    CHECK(test::eventually([&] {
        const auto now = shown();
        return now.reachable && now.last_error.empty() && now.last_error_kind.empty() &&
               !now.documents.empty();
    }));
}
