// SPDX-License-Identifier: MIT
#include "backfill/map/field_value.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace pwlog;

namespace {

Result<FieldValue> number(std::string_view text, DecimalMark decimal) {
    return parse_field_value(row_of(Field::logger_stored), text, "", decimal);
}

}  // namespace

TEST_CASE("a mark groups thousands where one to three digits are before it, and three behind",
          "[backfill]") {
    const auto decimal = GENERATE(DecimalMark::point, DecimalMark::comma);
    const auto [text, expected] = GENERATE(table<std::string, std::optional<std::int64_t>>({
        {"1,234", 1234},
        {"-12,345", -12345},
        {"+123,456", 123456},
        {"1,234,567", 1234567},
        {",123", std::nullopt},
        {"-,123", std::nullopt},
        {"+,123", std::nullopt},
        {",123,456", std::nullopt},
        {"1234,567", std::nullopt},
        {"1,23", std::nullopt},
        {"1,2345", std::nullopt},
        {"1,,234", std::nullopt},
        {"1,234,", std::nullopt},
    }));
    auto written = text;
    if (decimal == DecimalMark::comma) {
        std::replace(written.begin(), written.end(), ',', '.');
    }
    INFO(written);
    const auto value = number(written, decimal);
    REQUIRE(value.has_value() == expected.has_value());
    if (expected) {
        CHECK(std::get<std::int64_t>(*value) == *expected);
    } else {
        CHECK(value.error().kind == ErrorKind::invalid);
    }
}

TEST_CASE("what no device can show is refused, with the range", "[backfill]") {
    const auto of = [](Field field, std::string_view text, std::string_view unit = "") {
        return parse_field_value(row_of(field), text, unit, DecimalMark::point);
    };
    for (const auto field :
         {Field::pdu_power_w, Field::outlet_power_va, Field::pdu_input_v, Field::outlet_current_a,
          Field::pdu_energy_kwh, Field::outlet_interval_wh, Field::ups_charge_pct,
          Field::ups_runtime_s, Field::ats_source1_hz}) {
        CHECK_FALSE(of(field, "-1"));
        CHECK(of(field, "0"));
    }
    CHECK(of(Field::pdu_temperature_c, "-20"));
    CHECK(of(Field::ats_sync_angle_deg, "-3"));
    CHECK(of(Field::ups_load_pct, "130", "%"));
    CHECK(of(Field::pdu_input_v, "230000", "mV"));
    const auto wrong = of(Field::pdu_input_v, "230000");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().message ==
          "input_v: '230000' is not between 0 and 1000 V: is it in another unit?");
    const auto percent = of(Field::ups_charge_pct, "87");
    REQUIRE_FALSE(percent);
    CHECK(percent.error().message ==
          "charge_pct: '87' is not between 0 and 20, where 1 is 100 %: is it in another unit?");
}
