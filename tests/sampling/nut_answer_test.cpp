// SPDX-License-Identifier: MIT
#include "sampling/nut_answer.h"

#include <catch2/catch.hpp>

#include "document/derive.h"
#include "sampling/ups_document.h"
#include "support/text.h"

using namespace pwlog;

namespace {

// What upsd of Debian's nut-server 2.8.0 says of its dummy driver, shortened.
constexpr auto captured =
    "BEGIN LIST VAR ups\n"
    "VAR ups battery.charge \"87\"\n"
    "VAR ups battery.runtime \"1320\"\n"
    "VAR ups battery.voltage \"54.1\"\n"
    "VAR ups device.mfr \"PowerWalker\"\n"
    "VAR ups device.model \"VI 1500 RT \\\"HID\\\"\"\n"
    "VAR ups driver.parameter.port \"ups.dev\"\n"
    "VAR ups input.voltage \"230.4\"\n"
    "VAR ups output.voltage \"229.9\"\n"
    "VAR ups ups.load \"23\"\n"
    "VAR ups ups.status \"OL CHRG\"\n"
    "END LIST VAR ups\n";

UpsReading read(NutVariables variables) {
    variables.emplace("ups.status", "OL");
    auto reading = reading_of(variables, WallTime{});
    REQUIRE(reading);
    return *reading;
}

}  // namespace

TEST_CASE("a list of variables becomes a reading", "[ups]") {
    REQUIRE(is_whole_list(captured, "ups"));
    const auto variables = decode_list(captured, "ups");
    REQUIRE(variables);
    const auto reading = reading_of(*variables, WallTime{});
    REQUIRE(reading);
    CHECK(reading->status == "OL CHRG");
    CHECK(ups_has(reading->status, "OL") == true);
    CHECK(ups_has(reading->status, "CHRG") == true);
    CHECK(ups_has(reading->status, "OB") == false);
    CHECK(ups_has(reading->status, "CHR") == false);
    CHECK(reading->charge_percent == 87);
    CHECK(reading->load_percent == 23);
    CHECK(reading->runtime_s == 1320);
    CHECK(reading->input_voltage == Volts(230.4));
    CHECK(reading->output_voltage == Volts(229.9));
    CHECK(reading->battery_voltage == Volts(54.1));
    CHECK(reading->manufacturer == "PowerWalker");
    CHECK(reading->model == "VI 1500 RT \"HID\"");
    CHECK(reading->published == NutVariables{{"battery.charge", "87"},
                                             {"battery.runtime", "1320"},
                                             {"battery.voltage", "54.1"},
                                             {"input.voltage", "230.4"},
                                             {"output.voltage", "229.9"},
                                             {"ups.load", "23"},
                                             {"ups.status", "OL CHRG"}});
}

TEST_CASE("a list cut at any byte is not whole, and no reading", "[ups]") {
    const std::string text = captured;
    for (std::size_t length = 0; length < text.size(); ++length) {
        CHECK_FALSE(is_whole_list(text.substr(0, length), "ups"));
        if (length + 1 < text.size()) {
            CHECK_FALSE(decode_list(text.substr(0, length), "ups"));
        }
    }
}

TEST_CASE("what the server refuses has its reason", "[ups]") {
    const auto kind = [](std::string_view text) {
        REQUIRE(is_whole_list(text, "ups"));
        return decode_list(text, "ups").error().kind;
    };
    CHECK(kind("ERR UNKNOWN-UPS\n") == ErrorKind::not_found);
    CHECK(kind("ERR ACCESS-DENIED\n") == ErrorKind::denied);
    CHECK(kind("ERR DATA-STALE\n") == ErrorKind::unavailable);
    CHECK(kind("ERR DRIVER-NOT-CONNECTED\n") == ErrorKind::unavailable);
    CHECK(kind("ERR \x1b[2J\n") == ErrorKind::refused);
}

TEST_CASE("lines that are no variables are garbled, not skipped", "[ups]") {
    for (const auto* const line :
         {"VAR other battery.charge \"87\"", "VAR ups battery.charge 87", "VAR ups battery.charge",
          "VAR ups battery.charge \"8\"7\"", "VAR ups battery.charge \"87\\\"", "", "nonsense"}) {
        INFO(line);
        const auto list =
            decode_list(std::string("BEGIN LIST VAR ups\n") + line + "\nEND LIST VAR ups\n", "ups");
        REQUIRE_FALSE(list);
        CHECK(list.error().kind == ErrorKind::garbled);
    }
}

TEST_CASE("a number that cannot be is none, never 0", "[ups]") {
    for (const auto* const text :
         {"", "-1", "nan", "inf", "1e9", "87 %", "0x10", "101", " 87", "87,5", "---.-"}) {
        INFO(text);
        CHECK_FALSE(read({{"battery.charge", text}}).charge_percent);
    }
    CHECK(read({{"battery.charge", "87.5"}}).charge_percent == 87.5);
    CHECK_FALSE(read({}).charge_percent);
    CHECK_FALSE(read({{"battery.runtime", "1e99"}}).runtime_s);
    CHECK_FALSE(read({{"input.voltage", "5000"}}).input_voltage);
}

TEST_CASE("an overload is kept as it is, beyond 100 %", "[ups]") {
    const auto reading = read({{"ups.load", "120"}});
    CHECK(reading.load_percent == 120);
    const auto document = ups_document({}, {"ups1", "", ""}, reading, Timestamp{});
    CHECK(test::has(document.json, R"("load_pct":1.2})"));
    CHECK_FALSE(read({{"ups.load", "12000"}}).load_percent);
}

TEST_CASE("without a status in NUT's words there is no reading", "[ups]") {
    CHECK_FALSE(reading_of({}, WallTime{}));
    for (const auto* const status : {"", "ol", "OL\n", "<b>"}) {
        CHECK_FALSE(reading_of({{"ups.status", status}}, WallTime{}));
    }
}

TEST_CASE("a status that says neither OL nor OB leaves open what it does not say", "[ups]") {
    for (const auto* const status : {"WAIT", "CHRG", "ALARM"}) {
        const auto reading = read({{"ups.status", status}});
        CHECK_FALSE(runs_on_battery(reading.status));
        CHECK_FALSE(ups_has(reading.status, "LB"));
    }
    CHECK(runs_on_battery(read({{"ups.status", "OL"}}).status) == false);
    CHECK(ups_has(read({{"ups.status", "OL RB"}}).status, "RB") == true);
    CHECK(runs_on_battery(read({{"ups.status", "OB LB"}}).status) == true);
    CHECK(ups_has(read({{"ups.status", "ALARM LB"}}).status, "LB") == true);
}

TEST_CASE("power, current, frequency, temperature and the alarm's text are read", "[ups]") {
    const auto reading = read({{"ups.realpower", "345.6"},
                               {"ups.power", "400"},
                               {"input.current", "1.6"},
                               {"output.current", "1.5"},
                               {"input.frequency", "50.0"},
                               {"output.frequency", "49.9"},
                               {"ups.temperature", "-3.5"},
                               {"ups.alarm", "Replace battery!"}});
    CHECK(reading.real_power == Watts(346));
    CHECK(reading.apparent_power == VoltAmperes(400));
    CHECK(reading.input_current == Amperes(1.6));
    CHECK(reading.output_current == Amperes(1.5));
    CHECK(reading.input_frequency == Hertz(50));
    CHECK(reading.output_frequency == Hertz(49.9));
    CHECK(reading.temperature == Celsius(-3.5));
    CHECK(reading.alarm == "Replace battery!");
    CHECK(read({{"output.realpower", "12"}, {"ups.realpower", "?"}}).real_power == Watts(12));
}
