// SPDX-License-Identifier: MIT
#include "document/energy.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "document/readings.h"

using namespace pwlog;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr auto longest_gap = seconds(30);

Timestamp at(double second) {
    return Timestamp(std::chrono::milliseconds(1'800'000'000'000 + std::llround(second * 1000)));
}

/// What the device shows: true energy cut to tenths of a kWh.
KilowattHours shown(double true_wh) { return KilowattHours(std::floor(true_wh / 100) / 10); }

/// Feeds a constant load read by a meter that is `gain` times too high; returns sum and counter
/// difference.
struct Day {
    double sum_wh = 0;
    double counter_wh = 0;
};
Day run_day(double watts, double gain, double start_wh, EnergyMeter& meter, double from_s,
            double to_s) {
    Day day;
    std::optional<double> first;
    double last = 0;
    for (double t = from_s; t <= to_s; t += 10) {
        const double true_wh = start_wh + watts * t / 3600;
        const auto counter = shown(true_wh);
        const auto energy = meter.advance(at(t), Watts(static_cast<int>(std::lround(watts * gain))),
                                          counter, longest_gap);
        if (first) {
            day.sum_wh += energy ? energy->watt_hours : 0;
        }
        first = first.value_or(counter.value() * 1000);
        last = counter.value() * 1000;
    }
    day.counter_wh = last - *first;
    return day;
}

}  // namespace

TEST_CASE("the first sample has no interval", "[document]") {
    EnergyMeter meter;
    CHECK_FALSE(meter.advance(at(0), Watts(100), KilowattHours(1.0), longest_gap));
}

TEST_CASE("an interval is the trapezium of power over time", "[document]") {
    EnergyMeter meter;
    (void)meter.advance(at(0), Watts(100), KilowattHours(1.0), longest_gap);
    const auto energy = meter.advance(at(10), Watts(200), KilowattHours(1.0), longest_gap);
    REQUIRE(energy);
    CHECK(energy->watt_hours == Approx(150.0 * 10 / 3600).margin(1e-4));
    CHECK_FALSE(energy->from_counter);
}

TEST_CASE("a perfect meter's trapezia are never bent", "[document]") {
    for (const double start : {0.0, 37.0, 99.9, 12345.6}) {
        EnergyMeter meter;
        const auto day = run_day(246, 1.0, start, meter, 0, 86400);
        CHECK(day.sum_wh == Approx(246.0 * 24).margin(0.5));
    }
}

TEST_CASE("each day's sum agrees with the counter's difference within one step", "[document]") {
    for (const double gain : {0.8, 0.97, 1.0, 1.03, 1.2}) {
        for (const double watts : {3.0, 80.0, 246.0, 3000.0}) {
            EnergyMeter meter;
            for (int day = 0; day < 4; ++day) {
                const auto sums =
                    run_day(watts, gain, 55, meter, day * 86400.0, (day + 1) * 86400.0);
                CAPTURE(gain, watts, day, sums.sum_wh, sums.counter_wh);
                CHECK(std::abs(sums.sum_wh - sums.counter_wh) <= 100.01);
            }
        }
    }
}

TEST_CASE("after a long gap the counter's difference stands for it, and says so", "[document]") {
    EnergyMeter meter;
    (void)meter.advance(at(0), Watts(100), KilowattHours(1.0), longest_gap);
    const auto energy = meter.advance(at(7200), Watts(100), KilowattHours(1.3), longest_gap);
    REQUIRE(energy);
    CHECK(energy->watt_hours == Approx(300));
    CHECK(energy->from_counter);
}

TEST_CASE("a cleared counter gives no negative and no huge interval", "[document]") {
    EnergyMeter meter;
    (void)meter.advance(at(0), Watts(100), KilowattHours(701.7), longest_gap);
    const auto energy = meter.advance(at(10), Watts(100), KilowattHours(0.0), longest_gap);
    REQUIRE(energy);
    CHECK(energy->watt_hours == Approx(100.0 * 10 / 3600).margin(1e-4));
    const auto next = meter.advance(at(20), Watts(100), KilowattHours(0.0), longest_gap);
    REQUIRE(next);
    CHECK(next->watt_hours == Approx(100.0 * 10 / 3600).margin(1e-4));
}

TEST_CASE("rounding an interval costs the day nothing", "[document]") {
    EnergyMeter meter;
    double sum = 0;
    for (int second = 0; second <= 86400; ++second) {
        const auto energy =
            meter.advance(at(second), Watts(7), shown(7.0 * second / 3600), longest_gap);
        sum += energy ? energy->watt_hours : 0;
    }
    CHECK(sum == Approx(7.0 * 24).margin(1e-3));
}

TEST_CASE("a counter's last digit that was damaged once is no clearing", "[document]") {
    EnergyMeter meter;
    double sum = 0;
    for (int i = 0; i <= 100; ++i) {
        const auto counter = KilowattHours(i == 50 ? 701.7 : 701.6);
        const auto energy = meter.advance(at(i * 10.0), Watts(36), counter, longest_gap);
        sum += energy ? energy->watt_hours : 0;
    }
    CHECK(sum == Approx(36.0 * 1000 / 3600).margin(1e-3));
    CHECK_FALSE(was_cleared(KilowattHours(701.7), KilowattHours(701.6)));
    CHECK(was_cleared(KilowattHours(701.7), KilowattHours(701.5)));
    CHECK(was_cleared(KilowattHours(0.1), KilowattHours(0)));
    CHECK_FALSE(was_cleared(KilowattHours(701.7), KilowattHours(701.7)));
    CHECK_FALSE(was_cleared(KilowattHours(701.7), KilowattHours(701.8)));
}

TEST_CASE("a damaged step of a counter alone is not counted afterwards", "[document]") {
    EnergyMeter meter;
    double sum_wh = 0;
    for (const auto& [second, shown_kwh] :
         {std::pair{0, 701.7}, {10, 701.6}, {20, 701.7}, {30, 701.8}}) {
        const auto energy =
            meter.advance(at(second), std::nullopt, KilowattHours(shown_kwh), longest_gap);
        sum_wh += energy ? energy->watt_hours : 0;
    }
    CHECK(sum_wh == Approx(100));  // of the last step only
}

TEST_CASE("a reading without its counter is waited for: the next interval begins before it",
          "[document]") {
    EnergyMeter meter;
    (void)meter.advance(at(0), Watts(36), KilowattHours(701.6), longest_gap);
    CHECK_FALSE(meter.advance(at(10), Watts(36), std::nullopt, longest_gap));
    const auto energy = meter.advance(at(20), Watts(36), KilowattHours(701.6), longest_gap);
    REQUIRE(energy);
    CHECK(energy->watt_hours == Approx(0.2).margin(1e-4));
    CHECK(energy->since == at(0));
}

TEST_CASE("an interval knows its beginning", "[document]") {
    EnergyMeter meter;
    (void)meter.advance(at(0), Watts(100), KilowattHours(1.0), longest_gap);
    const auto energy = meter.advance(at(10), Watts(100), KilowattHours(1.0), longest_gap);
    REQUIRE(energy);
    CHECK(energy->since == at(0));
    const auto gap = meter.advance(at(7200), Watts(100), KilowattHours(1.2), longest_gap);
    REQUIRE(gap);
    CHECK(gap->since == at(10));
}

TEST_CASE("over a clock that went back the counter's difference counts, once", "[document]") {
    EnergyMeter before;
    (void)before.advance(at(100), Watts(100), KilowattHours(1.0), longest_gap);
    auto meter = EnergyMeter::restore(before.save());
    REQUIRE(meter);
    const auto over = meter->advance(at(50), Watts(100), KilowattHours(6.0), longest_gap);
    REQUIRE(over);
    CHECK(over->watt_hours == Approx(5000));
    CHECK(over->from_counter);
    CHECK(over->is_gap);
    CHECK(over->since == at(50));
    const auto next = meter->advance(at(60), Watts(100), KilowattHours(6.0), longest_gap);
    REQUIRE(next);
    CHECK(next->watt_hours == Approx(100 * 10 / 3600.0).margin(1e-4));
    CHECK_FALSE(meter->advance(at(55), Watts(100), KilowattHours(0.0), longest_gap));  // cleared
}

TEST_CASE("a clock that went back gives no interval without a counter that moved", "[document]") {
    EnergyMeter meter;
    (void)meter.advance(at(100), Watts(100), KilowattHours(1.0), longest_gap);
    CHECK_FALSE(meter.advance(at(50), Watts(100), KilowattHours(1.0), longest_gap));
    CHECK(meter.advance(at(60), Watts(100), KilowattHours(1.0), longest_gap));
}

TEST_CASE("a saved and restored meter goes on as if nothing had been", "[document]") {
    std::mt19937 random(7);
    PduEnergyMeter straight;
    PduEnergyMeter restarted;
    double wh = 0;
    for (int i = 0; i < 200; ++i) {
        const int watts = static_cast<int>(random() % 3000);
        wh += watts * 10.0 / 3600;
        PduReading reading;
        reading.active_power.input = Watts(watts);
        reading.energy.input = shown(wh);
        reading.active_power.outlets[7] = Watts(watts / 2);
        reading.energy.outlets[7] = shown(wh / 2);
        const auto samples = samples_of(reading, at(i * 10.0));
        auto restored = PduEnergyMeter::restore(restarted.save());
        REQUIRE(restored);
        restarted = *restored;
        const auto one = straight.advance(samples, longest_gap);
        const auto other = restarted.advance(samples, longest_gap);
        REQUIRE(one.input.has_value() == other.input.has_value());
        if (one.input) {
            CHECK(one.input->watt_hours == other.input->watt_hours);
            CHECK(one.outlets[7]->watt_hours == other.outlets[7]->watt_hours);
        }
        CHECK_FALSE(one.outlets[0]);
    }
}

TEST_CASE("a damaged saved state is an error", "[document]") {
    for (const char* text :
         {"", "1 2 3", "a b c d e f", "1 2 3 4 5 6", "1 2 3 4 5 6 7 8", ";;;;;;;;"}) {
        CAPTURE(text);
        auto restored = PduEnergyMeter::restore(text);
        REQUIRE_FALSE(restored);
        CHECK(restored.error().kind == ErrorKind::corrupt);
    }
}

TEST_CASE("a clock that is set neither loses nor bends an interval of one process", "[document]") {
    for (const double step_s : {-3600.0, -9.0, -1.0, -0.5, 0.5, 1.0, 9.0, 3600.0, 365 * 86400.0}) {
        INFO("set by " << step_s << " s");
        EnergyMeter meter;
        (void)meter.advance(at(0), Watts(360), KilowattHours(1), longest_gap, seconds(100));
        const auto set =
            meter.advance(at(10 + step_s), Watts(360), KilowattHours(1), longest_gap, seconds(110));
        REQUIRE(set);
        CHECK(set->watt_hours == Approx(1));
        CHECK_FALSE(set->from_counter);
        CHECK(set->since == at(step_s));
        const auto back =
            meter.advance(at(20), Watts(360), KilowattHours(1), longest_gap, seconds(120));
        REQUIRE(back);
        CHECK(back->watt_hours == Approx(1));
        CHECK(back->since == at(10));
    }
}

TEST_CASE("an outage is a gap by uptime, though the clock was set back over it", "[document]") {
    EnergyMeter meter;
    (void)meter.advance(at(0), Watts(360), KilowattHours(1), longest_gap, seconds(100));
    const auto gap =
        meter.advance(at(10), Watts(360), KilowattHours(1.4), longest_gap, seconds(4100));
    REQUIRE(gap);
    CHECK(gap->from_counter);
    CHECK(gap->watt_hours == Approx(400));
    CHECK(gap->since == at(-3990));
}

TEST_CASE("after a restart an interval is measured by the times of its ends", "[document]") {
    EnergyMeter before;
    (void)before.advance(at(0), Watts(360), KilowattHours(1), longest_gap, seconds(9000));
    auto meter = EnergyMeter::restore(before.save());
    REQUIRE(meter);
    const auto first =
        meter->advance(at(10), Watts(360), KilowattHours(1), longest_gap, seconds(15));
    REQUIRE(first);
    CHECK(first->watt_hours == Approx(1));
}
