// SPDX-License-Identifier: MIT
#include "events/ups_watch.h"

#include <catch2/catch.hpp>

using namespace pwlog;

namespace {

const DeviceTag device{"ups1", "", "Rack UPS"};
constexpr Timestamp first{std::chrono::milliseconds(1795366645123)};

std::vector<std::string> actions_and_subjects(const std::vector<Event>& events) {
    std::vector<std::string> all;
    for (const auto& event : events) {
        all.push_back(event.action + " " + event.subject);
    }
    return all;
}

using Actions = std::vector<std::string>;

}  // namespace

TEST_CASE("a UPS's alarms come in pairs, also across a restart", "[ups]") {
    UpsWatch before;
    CHECK(before.update(device, "OL", "", first, false).empty());
    const auto begun = before.update(device, "OB LB RB OVER", "Replace battery!",
                                     first + std::chrono::seconds(1), true);
    CHECK(actions_and_subjects(begun) ==
          Actions{"alarm_started on_battery", "alarm_started low_battery",
                  "alarm_started replace_battery", "alarm_started overload"});
    CHECK(begun[2].reason == "Replace battery!");
    CHECK(begun[0].message == "Rack UPS: runs on battery");
    UpsWatch after;
    after.restore(before.save());
    CHECK(
        after.update(device, "OB LB RB OVER", "", first + std::chrono::seconds(2), false).empty());
    const auto over = after.update(device, "OL RB", "", first + std::chrono::seconds(9), true);
    CHECK(actions_and_subjects(over) ==
          Actions{"alarm_ended on_battery", "alarm_ended low_battery", "alarm_ended overload"});
    CHECK(over[0].pair_id == begun[0].pair_id);
}

TEST_CASE("a status that does not say ends nothing", "[ups]") {
    UpsWatch watch;
    CHECK(watch.update(device, "OB", "", first, true).size() == 1);
    CHECK(watch.update(device, "WAIT", "", first, true).empty());
    CHECK(watch.update(device, "OL", "", first, true).size() == 1);
}

TEST_CASE("a UPS that its server has lost is an alarm until it is back", "[ups]") {
    UpsWatch watch;
    CHECK(actions_and_subjects(watch.lost(device, "DATA-STALE", first)) ==
          Actions{"alarm_started communication_lost"});
    CHECK(watch.lost(device, "DATA-STALE", first).empty());
    CHECK(actions_and_subjects(watch.update(device, "OL", "", first, true)) ==
          Actions{"alarm_ended communication_lost"});
}
