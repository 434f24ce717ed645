// SPDX-License-Identifier: MIT
#include "document/tariff.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <ctime>

#include "document/metric_documents.h"
#include "samples.h"

using namespace pwlog;
using namespace std::chrono_literals;
using std::chrono::minutes;

namespace {

/// Sets the local time zone of this process for one test.
class LocalZone {
  public:
    explicit LocalZone(const char* name) {
        setenv("TZ", name, 1);
        tzset();
    }
    ~LocalZone() {
        unsetenv("TZ");
        tzset();
    }
    LocalZone(const LocalZone&) = delete;
    LocalZone& operator=(const LocalZone&) = delete;
};

/// As a clock on the wall shows it; `is_dst` tells the two hours of autumn apart.
Timestamp local(int year, int month, int day, int hour, int minute = 0, int is_dst = -1) {
    std::tm time{};
    time.tm_year = year - 1900;
    time.tm_mon = month - 1;
    time.tm_mday = day;
    time.tm_hour = hour;
    time.tm_min = minute;
    time.tm_isdst = is_dst;
    return Timestamp(std::chrono::seconds(std::mktime(&time)));
}

/// 0.30 by day, 0.20 from 22:00 to 06:00.
Tariff two_prices() {
    Tariff tariff = flat_tariff(0.30, "EUR");
    tariff.periods.front().bands = {{.per_kwh = 0.20, .from = 22h, .until = 6h}};
    return tariff;
}

double mean(const Tariff& tariff, Timestamp from, Timestamp to) {
    const auto price = mean_price(tariff, from, to);
    REQUIRE(price);
    return *price;
}

}  // namespace

TEST_CASE("a flat tariff is the same at all times", "[document]") {
    const auto tariff = flat_tariff(0.31, "EUR");
    CHECK(mean(tariff, Timestamp(0ms), Timestamp(1ms)) == 0.31);
    CHECK(to_text(tariff) == "0.31 EUR");
}

TEST_CASE("a band across midnight begins in the evening and ends in the morning", "[document]") {
    const LocalZone zone("Europe/Berlin");
    const auto tariff = two_prices();
    const auto price_of_minute = [&](int hour, int minute) {
        const auto from = local(2026, 11, 22, hour, minute);
        return mean(tariff, from, from + 1min);
    };
    CHECK(price_of_minute(0, 0) == Approx(0.20));
    CHECK(price_of_minute(5, 59) == Approx(0.20));
    CHECK(price_of_minute(6, 0) == Approx(0.30));
    CHECK(price_of_minute(12, 0) == Approx(0.30));
    CHECK(price_of_minute(21, 59) == Approx(0.30));
    CHECK(price_of_minute(22, 0) == Approx(0.20));
    CHECK(price_of_minute(23, 59) == Approx(0.20));
}

TEST_CASE("an interval across a band's border is split by time", "[document]") {
    const LocalZone zone("Europe/Berlin");
    const auto border = local(2026, 11, 22, 6);
    CHECK(mean(two_prices(), border - 3s, border + 7s) == Approx(0.3 * 0.20 + 0.7 * 0.30));
    CHECK(mean(two_prices(), border - 1ms, border + 3ms) == Approx(0.25 * 0.20 + 0.75 * 0.30));
    CHECK(mean(two_prices(), border - 10s, border) == Approx(0.20));
    CHECK(mean(two_prices(), border, border + 10s) == Approx(0.30));
}

TEST_CASE("a whole day has its hours at their prices, also where the clocks change", "[document]") {
    const LocalZone zone("Europe/Berlin");
    const auto day = [](int month, int date) {
        const auto from = local(2026, month, date, 0);
        const auto to = local(2026, month, date + 1, 0);
        const double hours = std::chrono::duration<double, std::ratio<3600>>(to - from).count();
        return std::pair(hours, mean(two_prices(), from, to) * hours);
    };
    const auto [usual, usual_cost] = day(11, 22);
    CHECK(usual == 24);
    CHECK(usual_cost == Approx(8 * 0.20 + 16 * 0.30));
    const auto [spring, spring_cost] = day(3, 29);
    CHECK(spring == 23);
    CHECK(spring_cost == Approx(7 * 0.20 + 16 * 0.30));
    const auto [autumn, autumn_cost] = day(10, 25);
    CHECK(autumn == 25);
    CHECK(autumn_cost == Approx(9 * 0.20 + 16 * 0.30));
}

TEST_CASE("a band's border within the hour that comes twice counts twice", "[document]") {
    const LocalZone zone("Europe/Berlin");
    Tariff tariff = flat_tariff(1.0);
    tariff.periods.front().bands = {{.per_kwh = 0, .from = 2h + 30min, .until = 3h}};
    const auto from = local(2026, 10, 25, 2, 0, 1);
    const auto to = local(2026, 10, 25, 3, 0, 0);
    REQUIRE(to - from == 2h);
    CHECK(mean(tariff, from, to) == Approx(0.5));  // twice half an hour for nothing
}

TEST_CASE("a border in the hour that is left out still holds", "[document]") {
    const LocalZone zone("Europe/Berlin");
    Tariff tariff = flat_tariff(1.0);
    tariff.periods.front().bands = {{.per_kwh = 0, .from = 2h + 30min, .until = 4h}};
    const auto from = local(2026, 3, 29, 1, 0);
    const auto to = local(2026, 3, 29, 5, 0);
    REQUIRE(to - from == 3h);
    CHECK(mean(tariff, from, to) == Approx(2.0 / 3));  // 1-2 and 4-5; 3-4 costs nothing
}

TEST_CASE("a zone that changes by half an hour is split right", "[document]") {
    const LocalZone zone("Australia/Lord_Howe");
    Tariff tariff = flat_tariff(1.0);
    tariff.periods.front().bands = {{.per_kwh = 0, .from = 0h, .until = 12h}};
    const auto from = local(2026, 4, 5, 0);  // at 2:00 the clocks go back to 1:30
    const auto to = local(2026, 4, 6, 0);
    REQUIRE(to - from == 24h + 30min);
    CHECK(mean(tariff, from, to) == Approx(12 / 24.5));
}

TEST_CASE("a band may hold on some days only, by the day it begins on", "[document]") {
    const LocalZone zone("Europe/Berlin");
    Tariff tariff = flat_tariff(0.30);
    TariffBand weekend{.per_kwh = 0.10, .from = 20h, .until = 4h};
    weekend.days = {false, false, false, false, false, false, true};  // Saturday
    tariff.periods.front().bands = {weekend};
    const auto at = [&](int day, int hour) {
        const auto from = local(2026, 11, day, hour);
        return mean(tariff, from, from + 10s);
    };
    CHECK(at(20, 21) == Approx(0.30));  // Friday
    CHECK(at(21, 3) == Approx(0.30));   // Saturday, before
    CHECK(at(21, 21) == Approx(0.10));
    CHECK(at(22, 3) == Approx(0.10));  // Sunday, the band of Saturday
    CHECK(at(22, 21) == Approx(0.30));
}

TEST_CASE("of bands that overlap the first counts", "[document]") {
    const LocalZone zone("UTC");
    Tariff tariff = flat_tariff(0.30);
    tariff.periods.front().bands = {{.per_kwh = 0.1, .from = 10h, .until = 12h},
                                    {.per_kwh = 0.2, .from = 8h, .until = 14h}};
    const auto from = local(2026, 11, 22, 7);
    CHECK(mean(tariff, from, from + 8h) == Approx((2 * 0.3 + 4 * 0.2 + 2 * 0.1) / 8));
}

TEST_CASE("a price changes at the first local midnight of its date", "[document]") {
    const LocalZone zone("Europe/Berlin");
    using namespace std::chrono;
    Tariff tariff;
    tariff.periods = {{.per_kwh = 0.30, .from = year(2026) / 7 / 1},
                      {.per_kwh = 0.34, .from = year(2027) / 1 / 1}};
    const auto midnight = local(2027, 1, 1, 0);
    CHECK(mean(tariff, midnight - 30s, midnight + 10s) == Approx(0.75 * 0.30 + 0.25 * 0.34));
    CHECK_FALSE(mean_price(tariff, local(2026, 6, 30, 12), local(2026, 7, 1, 0)));
    CHECK(mean(tariff, local(2026, 6, 30, 12), local(2026, 7, 1, 12)) == Approx(0.15));
    CHECK(to_text(tariff) == "from 2026-07-01: 0.3; from 2027-01-01: 0.34");
}

TEST_CASE("an interval without a length has the price of its moment", "[document]") {
    auto tariff = flat_tariff(0.2, "");
    tariff.periods.front().bands.push_back({.per_kwh = 0.1, .from = 22h, .until = 6h});
    CHECK(mean_price(tariff, local(2026, 7, 1, 23), local(2026, 7, 1, 23)) == 0.1);
    CHECK(mean_price(tariff, local(2026, 7, 1, 12), local(2026, 7, 1, 12)) == 0.2);
}

TEST_CASE("a gap of many days is split as exactly as a second", "[document]") {
    const LocalZone zone("Europe/Berlin");
    const auto from = local(2026, 1, 1, 0);
    const auto to = local(2027, 1, 1, 0);
    // 365 days; what the night gains in autumn it has lost in spring
    CHECK(mean(two_prices(), from, to) == Approx((8 * 0.20 + 16 * 0.30) / 24));
}

TEST_CASE("the cost of a document is its energy at the price of its interval", "[document]") {
    const LocalZone zone("Europe/Berlin");
    const auto border = local(2026, 11, 22, 22);
    PduContext context;
    context.device = {"rack1-pdu", "PDU"};
    context.tariff = two_prices();
    PduEnergyMeter::Intervals energy;
    energy.input = IntervalEnergy{10, false, border - 5s};
    energy.outlets[0] = IntervalEnergy{10, false, border - 15s};
    const auto documents = pdu_documents({"pi", "0.1.0", {}, true}, context,
                                         test::captured_pdu_reading(), border + 5s, energy);
    CHECK(documents[0].json.find("\"cost\":0.0025,\"currency\":\"EUR\"") != std::string::npos);
    CHECK(documents[1].json.find("\"cost\":0.00275,") != std::string::npos);
    CHECK(documents[2].json.find("\"cost\"") == std::string::npos);
}
