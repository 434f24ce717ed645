// SPDX-License-Identifier: MIT
#include "backfill/map/field_value.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace pwlog;

namespace {

Result<FieldValue> power(std::string_view text, DecimalMark decimal) {
    return parse_field_value(row_of(Field::pdu_power_w), text, "", decimal);
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
    const auto value = power(written, decimal);
    REQUIRE(value.has_value() == expected.has_value());
    if (expected) {
        CHECK(std::get<std::int64_t>(*value) == *expected);
    } else {
        CHECK(value.error().kind == ErrorKind::invalid);
    }
}
