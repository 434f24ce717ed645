// SPDX-License-Identifier: MIT
#include "simulator/directive.h"

#include <catch2/catch.hpp>

#include "simulator/script.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace std::chrono_literals;
using simulator::parse_directive;
using simulator::parse_duration;
using simulator::parse_script;
using simulator::read_script;

namespace {

std::string error_of(std::string_view text) {
    const auto directive = parse_directive(text);
    return directive ? "" : directive.error().message;
}

}  // namespace

TEST_CASE("every directive of the manual is understood", "[simulator]") {
    for (const char* text : {"fault drop 0.05",
                             "fault late 5% for 2s",
                             "fault garbled next 3 only QPW,QPVA",
                             "fault unplug 0.01 for 500ms",
                             "fault drop off",
                             "fault off",
                             "unplug",
                             "unplug 2s",
                             "plug",
                             "think 12ms",
                             "force QGS 2 999.9",
                             "force QGS off",
                             "answer QPI PI30",
                             "answer QPI off",
                             "set outlet 3 load 120",
                             "set outlet 3 load auto",
                             "set outlet 3 pf 0.6",
                             "set outlet 3 meter 1.2",
                             "set outlet 3 counter 0.8",
                             "set outlet 3 energy 17.5",
                             "set outlet 3 state off",
                             "set outlet 3 state locked",
                             "set outlet 3 shows 5",
                             "set outlet 3 shows auto",
                             "set pdu voltage 250",
                             "set pdu frequency 47.5",
                             "set pdu temperature -3",
                             "set pdu meter 1.2",
                             "set pdu counter 1",
                             "set pdu energy 0",
                             "set pdu alarm aux1_power_fail on",
                             "set pdu alarm aux1_power_fail auto",
                             "set pdu memory 11 0xFFFF",
                             "set pdu memory 9 190",
                             "pdu energy reset",
                             "ats source1 fail 10s",
                             "ats source2 fail",
                             "ats source2 restore",
                             "set ats source1 voltage 170",
                             "set ats source2 frequency auto",
                             "set ats source1 wave bad",
                             "set ats load 900",
                             "set ats temperature 40",
                             "set ats angle 12",
                             "set ats preferred 2",
                             "set ats failures off",
                             "set ats bit syncron_bad on",
                             "set ats bit syncron_bad auto",
                             "set ats memory 16 90",
                             "on pdu2 unplug 2s",
                             "  fault \t drop   next 1 \r"}) {
        INFO(text << ": " << error_of(text));
        CHECK(parse_directive(text));
    }
}

TEST_CASE("a directive that is none says what was expected and what stood there", "[simulator]") {
    const auto [text, message] = GENERATE(table<std::string, std::string>({
        {"", "fault, unplug, plug, think, force, answer, set, pdu or ats expected, got ''"},
        {"explode", "ats expected, got 'explode'"},
        {"fault", "fault: one of drop, late"},
        {"fault vanish 0.1", "got 'vanish'"},
        {"fault drop", "a probability or 'next N' (0 to 1) is missing"},
        {"fault drop 1.5", "(0 to 1) expected, got '1.5'"},
        {"fault drop 150%", "(0 to 100) expected, got '150'"},
        {"fault drop often", "expected, got 'often'"},
        {"fault drop nan", "expected, got 'nan'"},
        {"fault drop next", "how many answers (1 to 1000000) is missing"},
        {"fault drop next 0", "expected, got '0'"},
        {"fault drop next 1.5", "expected, got '1.5'"},
        {"fault late 1 for 2", "how long as 500ms, 12.5s, 2m or 1h expected, got '2'"},
        {"fault late 1 for -2s", "expected, got '-2s'"},
        {"fault late 1 only", "a list of commands is missing"},
        {"fault drop 1 QPW", "nothing expected after that, got 'QPW'"},
        {"fault off now", "nothing expected after that, got 'now'"},
        {"unplug soon", "how long as 500ms"},
        {"plug in", "nothing expected after that, got 'in'"},
        {"think", "the device's own delay as 500ms, 12.5s, 2m or 1h is missing"},
        {"force QGS", "the token's number, or off (1 to 100) is missing"},
        {"force QGS 0 x", "expected, got '0'"},
        {"force QGS 2", "the token's text is missing"},
        {"answer QGS", "the payload to answer with, or off, is missing"},
        {"set", "set: outlet, pdu or ats expected, got ''"},
        {"set outlet 9 load 1", "the outlet's number (1 to 8) expected, got '9'"},
        {"set outlet 3", "load, pf, meter, counter, energy, state or shows expected, got ''"},
        {"set outlet 3 load much", "watts or auto (0 to 20000) expected, got 'much'"},
        {"set outlet 3 pf 0", "the power factor or auto (0.01 to 1) expected, got '0'"},
        {"set outlet 3 meter auto", "the meter's factor (0 to 1000) expected, got 'auto'"},
        {"set outlet 3 state broken", "state: on, off or locked, got 'broken'"},
        {"set outlet 3 shows 7", "the state's digit or auto (0 to 6) expected, got '7'"},
        {"set pdu alarm loud on", "alarm: one of low_input_voltage"},
        {"set pdu alarm aux1_power_fail", "the alarm, or auto: on or off is missing"},
        {"set pdu memory 15 1", "the word's address (0 to 14) expected, got '15'"},
        {"set pdu memory 11 0x10000", "the word's value (0 to 65535) expected, got '0x10000'"},
        {"set pdu memory 11 0xZZ", "expected, got '0xZZ'"},
        {"pdu energy", "pdu: energy reset expected, got ''"},
        {"ats source3 fail", "ats: source1 or source2 expected, got 'source3'"},
        {"ats source1", "fail or restore expected, got ''"},
        {"ats source1 fail long", "how long as 500ms"},
        {"set ats source1 wave wild", "wave: good or bad, got 'wild'"},
        {"set ats bit sync_bad on", "bit: one of src1_voltage_bad"},
        {"set ats preferred 3", "the source (1 to 2) expected, got '3'"},
        {"set ats memory 21 1", "the word's address (0 to 20) expected, got '21'"},
        {"on", "a device's name is missing"},
        {"set outlet 3 load \x1b[2J", "got '\\x1b[2J'"},
    }));
    INFO(text << ": " << error_of(text));
    CHECK(error_of(text).find(message) != std::string::npos);
}

TEST_CASE("durations have a unit", "[simulator]") {
    CHECK(*parse_duration("500ms") == 500ms);
    CHECK(*parse_duration("12.5s") == 12500ms);
    CHECK(*parse_duration("2m") == 2min);
    CHECK(*parse_duration("1.5h") == 90min);
    CHECK(*parse_duration("0s") == 0s);
    for (const char* text :
         {"", "s", "ms", "5", "-1s", "1 s", "infs", "nans", "1e3s", "1d", "1e99h"}) {
        INFO(text);
        CHECK_FALSE(parse_duration(text));
    }
}

TEST_CASE("a script's lines are taken in order of time, empty ones and comments skipped",
          "[simulator]") {
    const auto script = parse_script(
        "# a quiet morning\n\nat 30s unplug 2s\n  # then\nat 12.5s fault drop 0.05\r\n"
        "at 30s plug",
        "day.sim");
    REQUIRE(script);
    REQUIRE(script->size() == 3);
    CHECK((*script)[0].at == 12500ms);
    CHECK((*script)[0].text == "fault drop 0.05");
    CHECK((*script)[0].number == 5);
    CHECK((*script)[1].text == "unplug 2s");
    CHECK((*script)[2].text == "plug");
}

TEST_CASE("a script's error names file, line and reason", "[simulator]") {
    const auto message = [](std::string_view text) {
        const auto script = parse_script(text, "day.sim");
        return script ? std::string() : script.error().message;
    };
    CHECK(message("at 1s plug\n\nat 2s explode\n").starts_with("day.sim:3: fault, unplug"));
    CHECK(message("unplug 2s") ==
          "day.sim:1: a line starts with 'at' and a time, as in 'at 12.5s'");
    CHECK(message("at noon unplug") ==
          "day.sim:1: a time as 500ms, 12.5s, 2m or 1h expected, got 'noon'");
    CHECK(message("at 5s").starts_with("day.sim:1: fault, unplug"));
    CHECK(message("").empty());
}

TEST_CASE("a script that is not there is an error with its name", "[simulator]") {
    const test::TempDir folder;
    const auto script = read_script(folder.path() / "absent.sim");
    REQUIRE_FALSE(script);
    CHECK(script.error().message.find("absent.sim") != std::string::npos);
    CHECK(read_script(folder.write("empty.sim", ""))->empty());
    CHECK(read_script(folder.write("one.sim", "at 1s plug"))->size() == 1);
}
