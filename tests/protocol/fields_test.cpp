// SPDX-License-Identifier: MIT
#include "protocol/fields.h"

#include <catch2/catch.hpp>
#include <clocale>
#include <string>

#include "protocol/ats.h"
#include "protocol/pdu.h"

using namespace pwlog;

namespace {

constexpr NumberField volts{"volts", "000.0", 0, 320};
constexpr NumberField celsius{"celsius", "00.0", -9.9, 99.9};
constexpr NumberField watts{"watts", "0000", 0, 7500};

std::optional<double> value(const NumberField& field, std::string_view token) {
    const auto decoded = decode_number(field, token);
    REQUIRE(decoded);
    return *decoded;
}

}  // namespace

TEST_CASE("two spaces in a row make an empty token", "[protocol]") {
    CHECK(split_fields("a b") == std::vector<std::string_view>{"a", "b"});
    CHECK(split_fields("a  b") == std::vector<std::string_view>{"a", "", "b"});
    CHECK(split_fields("") == std::vector<std::string_view>{""});
    CHECK(split_fields(" ") == std::vector<std::string_view>{"", ""});
}

TEST_CASE("dashes are none and never zero", "[protocol]") {
    CHECK(value(volts, "---.-") == std::nullopt);
    CHECK(value(watts, "----") == std::nullopt);
    CHECK(value(volts, "000.0") == std::optional(0.0));
}

TEST_CASE("a number is taken up to both ends of its range and not beyond", "[protocol]") {
    CHECK(value(volts, "320.0") == std::optional(320.0));
    CHECK_FALSE(decode_number(volts, "320.1"));
    CHECK(value(celsius, "-9.9") == std::optional(-9.9));
    CHECK(value(celsius, "99.9") == std::optional(99.9));
    constexpr NumberField angle{"angle", "000", 10, 20};
    CHECK(value(angle, "010") == std::optional(10.0));
    CHECK_FALSE(decode_number(angle, "009"));
    CHECK_FALSE(decode_number(angle, "021"));
}

TEST_CASE("a minus is only taken where the range goes below zero, and only in front",
          "[protocol]") {
    CHECK_FALSE(decode_number(volts, "-22.5"));
    CHECK(value(celsius, "-0.5") == std::optional(-0.5));
    CHECK_FALSE(decode_number(celsius, "0-.5"));
    CHECK_FALSE(decode_number(celsius, "--.5"));
}

TEST_CASE("what is written into a field is read out of it again", "[protocol]") {
    const auto check = [](const auto& fields) {
        for (const auto& field : fields) {
            for (const auto number :
                 {std::optional<double>(field.least), std::optional<double>(field.greatest),
                  std::optional<double>(7.0), std::optional<double>()}) {
                const auto token = encode_number(field, number);
                INFO(field.name << " as " << token);
                CHECK(token.size() == field.shape.size());
                CHECK(value(field, token) == number);
            }
        }
    };
    check(pdu::status_fields);
    check(pdu::active_power_fields);
    check(pdu::apparent_power_fields);
    check(pdu::energy_fields);
    check(ats::measurement_fields);
    check(ats::rating_fields);
}

TEST_CASE("numbers keep their point under a locale that has a comma", "[protocol]") {
    const std::string before = std::setlocale(LC_ALL, nullptr);
    const char* comma = std::setlocale(LC_ALL, "de_DE.UTF-8");
    if (comma == nullptr) {
        WARN("the locale de_DE.UTF-8 is not installed: checked under the usual one only");
    }
    CHECK(value(volts, "222.5") == std::optional(222.5));
    CHECK_FALSE(decode_number(volts, "222,5"));
    CHECK(encode_number(volts, 222.5) == "222.5");
    std::setlocale(LC_ALL, before.c_str());
}

TEST_CASE("digits are digits only and no more than allowed", "[protocol]") {
    const auto decoded = decode_digits("0058", 4);
    REQUIRE(decoded);
    CHECK(*decoded == 58);
    for (const std::string_view odd : {"", "00580", "+058", "-058", "5.8", " 58", "0x58"}) {
        INFO(odd);
        CHECK_FALSE(decode_digits(odd, 4));
    }
}
