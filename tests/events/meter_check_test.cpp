// SPDX-License-Identifier: MIT
#include "events/meter_check.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "events/pdu_watch.h"
#include "readings.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

/// Outlets 1 and 5 draw so much; the input what they draw and 12 W for itself. All meters are
/// right.
PduReading true_reading(int watts1, int watts5, double second = 0) {
    PduReading reading;
    reading.active_power.outlets.fill(Watts(0));
    reading.active_power.outlets[0] = Watts(watts1);
    reading.active_power.outlets[4] = Watts(watts5);
    reading.active_power.input = Watts(watts1 + watts5 + 12);
    const auto apparent = [](const std::optional<Watts>& watts) {
        return VoltAmperes(watts->value() * 5 / 4);
    };
    const auto counted = [&](const std::optional<Watts>& watts) {
        return KilowattHours(std::floor(watts->value() * second / 3600 / 100) / 10);
    };
    reading.apparent_power.input = apparent(reading.active_power.input);
    reading.energy.input = counted(reading.active_power.input);
    for (std::size_t i = 0; i < pdu::outlet_count; ++i) {
        reading.apparent_power.outlets[i] = apparent(reading.active_power.outlets[i]);
        reading.energy.outlets[i] = counted(reading.active_power.outlets[i]);
    }
    return reading;
}

bool is_failing(const std::vector<MeterCheck::Finding>& findings) {
    return std::any_of(findings.begin(), findings.end(),
                       [](const auto& finding) { return finding.failing; });
}

PduWatch make_metered_watch() {
    return {{"rack1-pdu", "PDU"}, {"nas", "", "", "", "server", "", "", ""}};
}

}  // namespace

TEST_CASE("right meters are never found wrong", "[events]") {
    MeterCheck check;
    double outlet_wh = 0;
    for (int second = 0; second <= 2 * 86400; second += 10) {
        const int load = 200 + static_cast<int>(180 * std::sin(second / 3000.0));
        outlet_wh += load * 10 / 3600.0;
        auto reading = true_reading(load, 90, second);
        reading.energy.outlets[0] = KilowattHours(std::floor(outlet_wh / 100) / 10);
        reading.energy.input =
            KilowattHours(std::floor((outlet_wh + (90 + 12) * second / 3600.0) / 100) / 10);
        REQUIRE_FALSE(is_failing(check.update(reading, at(second))));
    }
}

TEST_CASE("the captured figures of a real PDU fit together", "[events]") {
    MeterCheck check;
    PduReading captured;
    captured.active_power =
        *pdu::decode_active_power("0246 0000 0042 0000 0080 0030 0044 0031 0000");
    for (int second = 0; second <= 3600; second += 10) {
        REQUIRE_FALSE(is_failing(check.update(captured, at(second))));
    }
}

TEST_CASE("an input meter that is 20 % wrong is found after ten minutes, not before", "[events]") {
    const auto gain = GENERATE(1.2, 0.8);
    CAPTURE(gain);
    MeterCheck check;
    for (int second = 0; second <= 1200; second += 10) {
        auto reading = true_reading(150, 90);
        reading.active_power.input = Watts(static_cast<int>(252 * gain));
        reading.apparent_power.input = VoltAmperes(400);
        CAPTURE(second);
        const auto findings = check.update(reading, at(second));
        REQUIRE(is_failing(findings) == (second >= 600));
    }
}

TEST_CASE("a disagreement that is interrupted counts from its new beginning", "[events]") {
    MeterCheck check;
    for (int second = 0; second <= 1180; second += 10) {
        auto reading = true_reading(150, 90);
        if (second != 590) {
            reading.active_power.input = Watts(320);
        }
        reading.apparent_power.input = VoltAmperes(400);
        REQUIRE_FALSE(is_failing(check.update(reading, at(second))));
    }
}

TEST_CASE("what was wrong before a gap says nothing about the gap", "[events]") {
    MeterCheck check;
    auto reading = true_reading(150, 90);
    reading.active_power.input = Watts(320);
    reading.apparent_power.input = VoltAmperes(400);
    CHECK_FALSE(is_failing(check.update(reading, at(0))));
    CHECK_FALSE(is_failing(check.update(reading, at(3600))));
    CHECK_FALSE(is_failing(check.update(reading, at(3000))));  // the clock went back
    for (int second = 3010; second < 3600; second += 10) {
        CHECK_FALSE(is_failing(check.update(reading, at(second))));
    }
    CHECK(is_failing(check.update(reading, at(3600))));
}

TEST_CASE("a missing figure is no disagreement", "[events]") {
    MeterCheck check;
    auto reading = true_reading(150, 90);
    reading.active_power.outlets[4].reset();
    reading.energy.input.reset();
    reading.apparent_power.outlets[0].reset();
    for (int second = 0; second <= 1200; second += 10) {
        CHECK_FALSE(is_failing(check.update(reading, at(second))));
    }
}

TEST_CASE("apparent power below active power is told of the outlet that shows it", "[events]") {
    auto watch = make_metered_watch();
    std::vector<Event> told;
    for (int second = 0; second <= 700; second += 10) {
        auto reading = true_reading(150, 90);
        reading.apparent_power.outlets[4] = VoltAmperes(80);
        for (auto& event : watch.update_meters(reading, at(second), true)) {
            told.push_back(std::move(event));
        }
    }
    CHECK(only(told).action == "meter_check_failed");
    CHECK(only(told).message ==
          "rack1-pdu: outlet 5 (server): 80 VA of apparent power are less than 90 W of active "
          "power");
    CHECK(detail(only(told), "alarm") == "outlet5_meter_va_below_w");
    CHECK(detail(only(told), "check") == "va_below_w");
    CHECK(detail(only(told), "measured") == "80");
    CHECK(detail(only(told), "expected") == "90");
    const auto over = watch.update_meters(true_reading(150, 90), at(710), true);
    CHECK(only(over).action == "meter_check_passed");
    CHECK(only(over).message ==
          "rack1-pdu: outlet 5 (server): apparent power is no longer below active power, after 1 "
          "min 50 s");
}

TEST_CASE("a counter that is 20 % wrong is found after some hours, and found right again",
          "[events]") {
    const auto gain = GENERATE(1.2, 0.8);
    CAPTURE(gain);
    auto watch = make_metered_watch();
    std::vector<Event> told;
    double counted_wh = 0;
    constexpr int repaired = 20 * 3600;
    for (int second = 0; second <= 40 * 3600; second += 10) {
        auto reading = true_reading(400, 90, second);
        counted_wh += 400 * 10 / 3600.0 * (second < repaired ? gain : 1);
        reading.energy.outlets[0] = KilowattHours(std::floor(counted_wh / 100) / 10);
        for (auto& event : watch.update_meters(reading, at(second), true)) {
            told.push_back(std::move(event));
        }
    }
    REQUIRE(actions(told) == std::vector<std::string>{"meter_check_failed", "meter_check_passed"});
    CHECK(detail(told[0], "alarm") == "outlet1_meter_energy_against_power");
    CHECK_THAT(told[0].message, Catch::StartsWith("rack1-pdu: outlet 1 (nas): the energy counter "
                                                  "rose by "));
    CHECK(told[0].start < at(6 * 3600));
    CHECK(told[1].end > at(repaired));
    CHECK(told[1].pair_id == told[0].pair_id);
}

TEST_CASE("a load that comes and goes between two readings makes no meter wrong", "[events]") {
    // 290 W for 50 s in each fifth minute, seen each minute at its beginning as if it were a whole
    // one.
    MeterCheck check;
    double counted_wh = 0;
    for (int minute = 0; minute <= 5 * 1440; ++minute) {
        const bool burst = minute % 5 == 0;
        auto reading = true_reading(burst ? 295 : 5, 0);
        reading.energy.input.reset();
        reading.energy.outlets[0] = KilowattHours(std::floor(counted_wh / 100) / 10);
        REQUIRE_FALSE(is_failing(check.update(reading, at(minute * 60))));
        counted_wh += 5 / 60.0 + (burst ? 290 * 50 / 3600.0 : 0);
    }
}

TEST_CASE("a wrong meter is still known after a restart and told once", "[events]") {
    auto wrong = true_reading(150, 90);
    wrong.active_power.input = Watts(320);
    wrong.apparent_power.input = VoltAmperes(400);
    auto before = make_metered_watch();
    std::vector<Event> told;
    for (int second = 0; second <= 700; second += 10) {
        for (auto& event : before.update_meters(wrong, at(second), true)) {
            told.push_back(std::move(event));
        }
    }
    CHECK(only(told).message ==
          "rack1-pdu: 320 W at the input and 240 W at all outlets do not fit together");
    auto after = make_metered_watch();
    after.restore(before.save());
    for (int second = 720; second <= 2000; second += 10) {
        REQUIRE(after.update_meters(wrong, at(second), true).empty());
    }
    const auto over = after.update_meters(true_reading(150, 90), at(2010), true);
    CHECK(only(over).pair_id == only(told).pair_id);
    CHECK(only(over).message ==
          "rack1-pdu: the power of the input and of all outlets fit together again, after 23 min "
          "30 s");
}

TEST_CASE("energy drawn while figures were missing is not taken for a wrong counter", "[events]") {
    MeterCheck check;
    bool failing = false;
    for (int second = 0; second < 20'000; second += 60) {
        auto reading = true_reading(400, 600, second);
        if (second > 600 && second < 10'000) {
            reading.active_power = {};
        }
        failing = failing || is_failing(check.update(reading, at(second)));
    }
    CHECK_FALSE(failing);
}
