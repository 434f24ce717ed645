// SPDX-License-Identifier: MIT
#include "events/pdu_watch.h"

#include <catch2/catch.hpp>

#include "readings.h"

using namespace pwlog;
using namespace pwlog::test;
using Names = std::vector<std::string>;

namespace {

PduWatch make_pdu_watch() {
    return {{"rack1-pdu", "PDU", "Rack 1"},
            {"nas", "switch", "router", "", "server", "recorder", "", "printer"}};
}

/// A watch that has seen the quiet status.
PduWatch settled_pdu_watch() {
    auto watch = make_pdu_watch();
    CHECK(watch.update(pdu_status(quiet_pdu_bits), at(0), false).empty());
    return watch;
}

pdu::Energy counters(const std::string& payload) {
    auto energy = pdu::decode_energy(payload);
    REQUIRE(energy);
    return *energy;
}

PduReading reading_with(const pdu::Energy& energy) {
    PduReading reading;
    reading.energy = energy;
    return reading;
}

const std::string captured_kwh =
    "000701.7 000000.0 000100.9 000011.8 000110.6 000198.8 000103.9 000046.2 000019.8";

}  // namespace

TEST_CASE("each alarm bit of a PDU begins and ends with its front panel's code", "[events]") {
    struct Expected {
        std::size_t place;
        const char* name;
        const char* code;
        const char* begun;
        const char* over;
    };
    const auto expected = GENERATE(values<Expected>({
        {0, "low_input_voltage", "A01", "Rack 1: the input voltage is too low (A01)",
         "Rack 1: the input voltage is no longer too low, after 3 min 5 s"},
        {1, "high_input_voltage", "A02", "Rack 1: the input voltage is too high (A02)",
         "Rack 1: the input voltage is no longer too high, after 3 min 5 s"},
        {2, "low_input_current", "F09", "Rack 1: the input current is too low (F09)",
         "Rack 1: the input current is no longer too low, after 3 min 5 s"},
        {3, "high_input_current", "F10", "Rack 1: the input current is too high (F10)",
         "Rack 1: the input current is no longer too high, after 3 min 5 s"},
        {4, "aux1_power_fail", "F11", "Rack 1: auxiliary power supply 1 has failed (F11)",
         "Rack 1: auxiliary power supply 1 works again, after 3 min 5 s"},
        {5, "aux2_power_fail", "F12", "Rack 1: auxiliary power supply 2 has failed (F12)",
         "Rack 1: auxiliary power supply 2 works again, after 3 min 5 s"},
        {6, "na_b9", "", "Rack 1: status bit na_b9, whose meaning is not known, is set",
         "Rack 1: status bit na_b9, whose meaning is not known, is clear, after 3 min 5 s"},
        {7, "na_b8", "", "Rack 1: status bit na_b8, whose meaning is not known, is set",
         "Rack 1: status bit na_b8, whose meaning is not known, is clear, after 3 min 5 s"},
    }));
    CAPTURE(expected.name);
    auto watch = settled_pdu_watch();
    const auto set = pdu_status(with(quiet_pdu_bits, expected.place, '1'));
    const auto begun = watch.update(set, at(10), true);
    CHECK(watch.update(set, at(20), true).empty());
    const auto ended = watch.update(pdu_status(quiet_pdu_bits), at(195), true);

    CHECK(only(begun).action == "alarm_started");
    CHECK(only(begun).kind == "alert");
    CHECK(only(begun).type == "start");
    CHECK(only(begun).code == expected.code);
    CHECK(only(begun).message == expected.begun);
    CHECK(detail(only(begun), "alarm") == expected.name);
    CHECK(detail(only(begun), "observed") == "true");
    CHECK(only(begun).start == at(10));

    CHECK(only(ended).action == "alarm_ended");
    CHECK(only(ended).type == "end");
    CHECK(only(ended).code == expected.code);
    CHECK(only(ended).message == expected.over);
    CHECK(only(ended).start == at(10));
    CHECK(only(ended).end == at(195));
    CHECK(only(ended).pair_id == only(begun).pair_id);
    CHECK_FALSE(only(ended).pair_id.empty());
}

TEST_CASE("each state of an outlet is an event, three of them are alarms too", "[events]") {
    struct Expected {
        char digit;
        const char* state;
        const char* words;
        const char* alarm;
        const char* code;
    };
    const auto expected = GENERATE(values<Expected>(
        {{'0', "off", "Off", "", ""},
         {'2', "shutdown_active", "Shutdown active", "", ""},
         {'3', "shutdown_imminent", "Shutdown imminent", "outlet8_shutdown_imminent", "S08"},
         {'4', "restore_active", "Restore active", "", ""},
         {'5', "overload", "Overload alarm", "outlet8_overload", "F08"},
         {'6', "locked", "Locked", "outlet8_locked", "L08"}}));
    CAPTURE(expected.state);
    auto watch = settled_pdu_watch();
    const auto there =
        watch.update(pdu_status(with(quiet_pdu_bits, 15, expected.digit)), at(10), true);
    const auto back = watch.update(pdu_status(quiet_pdu_bits), at(20), true);
    const bool is_alarm = !std::string(expected.alarm).empty();
    CHECK(actions(there) == (is_alarm ? Names{"outlet_state_changed", "alarm_started"}
                                      : Names{"outlet_state_changed"}));
    CHECK(actions(back) == (is_alarm ? Names{"outlet_state_changed", "alarm_ended"}
                                     : Names{"outlet_state_changed"}));
    const auto& changed = there.front();
    CHECK(changed.message ==
          "Rack 1: outlet 8 (printer) changed from On to " + std::string(expected.words));
    REQUIRE(changed.outlet);
    CHECK(changed.outlet->number == 8);
    CHECK(changed.outlet->name == "printer");
    CHECK(detail(changed, "from_state") == "on");
    CHECK(detail(changed, "to_state") == expected.state);
    CHECK(detail(changed, "digits_before") == "11111111");
    CHECK(detail(changed, "digits_after") == "1111111" + std::string(1, expected.digit));
    if (is_alarm) {
        CHECK(there.back().code == expected.code);
        CHECK(detail(there.back(), "alarm") == expected.alarm);
        CHECK(back.back().pair_id == there.back().pair_id);
    }
}

TEST_CASE("an outlet without a name is called by its number", "[events]") {
    auto watch = settled_pdu_watch();
    const auto events = watch.update(pdu_status(with(quiet_pdu_bits, 11, '5')), at(10), true);
    REQUIRE(events.size() == 2);
    CHECK(events[1].message == "Rack 1: outlet 4 is overloaded (F04)");
}

TEST_CASE("from overload to locked one alarm ends and the other begins", "[events]") {
    auto watch = settled_pdu_watch();
    CHECK(watch.update(pdu_status(with(quiet_pdu_bits, 8, '5')), at(10), true).size() == 2);
    const auto events = watch.update(pdu_status(with(quiet_pdu_bits, 8, '6')), at(70), true);
    CHECK(actions(events) == Names{"outlet_state_changed", "alarm_ended", "alarm_started"});
    CHECK(events[1].code == "F01");
    CHECK(events[2].code == "L01");
    CHECK(events[1].message == "Rack 1: outlet 1 (nas) is no longer overloaded, after 1 min 0 s");
}

TEST_CASE("what is on at the very first look was not seen to begin", "[events]") {
    auto watch = make_pdu_watch();
    const auto events = watch.update(pdu_status(with(quiet_pdu_bits, 0, '1')), at(0), false);
    CHECK(only(events).action == "alarm_started");
    CHECK(detail(only(events), "observed") == "false");
    CHECK(only(events).message ==
          "Rack 1: the input voltage is too low (A01) (exact time unknown)");
}

TEST_CASE("an alarm goes on through a restart", "[events]") {
    auto before = settled_pdu_watch();
    const auto alarmed = pdu_status(with(quiet_pdu_bits, 1, '1'));
    const auto begun = before.update(alarmed, at(10), true);
    auto after = make_pdu_watch();
    after.restore(before.save());
    CHECK(after.last_bits() == alarmed.bits);
    SECTION("and is still on") { CHECK(after.update(alarmed, at(600), false).empty()); }
    SECTION("and ends while it is watched") {
        CHECK(after.update(alarmed, at(600), false).empty());
        const auto ended = after.update(pdu_status(quiet_pdu_bits), at(610), true);
        CHECK(only(ended).pair_id == only(begun).pair_id);
        CHECK(only(ended).start == at(10));
        CHECK(only(ended).end == at(610));
        CHECK(detail(only(ended), "observed") == "true");
    }
    SECTION("and ended meanwhile") {
        const auto ended = after.update(pdu_status(quiet_pdu_bits), at(610), false);
        CHECK(only(ended).pair_id == only(begun).pair_id);
        CHECK(detail(only(ended), "observed") == "false");
        CHECK(only(ended).message ==
              "Rack 1: the input voltage is no longer too high, after at most 10 min 0 s (exact "
              "time unknown)");
    }
}

TEST_CASE("what an outlet became while nobody looked is told as not observed", "[events]") {
    auto before = settled_pdu_watch();
    auto after = make_pdu_watch();
    after.restore(before.save());
    const auto events = after.update(pdu_status(with(quiet_pdu_bits, 10, '0')), at(600), false);
    CHECK(only(events).action == "outlet_state_changed");
    CHECK(detail(only(events), "observed") == "false");
    CHECK(only(events).message ==
          "Rack 1: outlet 3 (router) changed from On to Off (exact time unknown)");
}

TEST_CASE("a saved state that cannot be read costs nothing but what it knew", "[events]") {
    for (const char* text :
         {"", "\n\t\n", "alarm.low_input_voltage\tx y\n", "alarm.low_input_voltage\t12\n",
          "bits\t00000000111111\n", "bits\t00000000111111x9\n", "kwh\t1 2 x\n", "no tab"}) {
        CAPTURE(text);
        auto watch = make_pdu_watch();
        watch.restore(text);
        CHECK(watch.last_bits().empty());
        CHECK(watch.update(pdu_status(quiet_pdu_bits), at(0), false).empty());
    }
}

TEST_CASE("a clock that went back gives an end without a duration", "[events]") {
    auto watch = settled_pdu_watch();
    CHECK(watch.update(pdu_status(with(quiet_pdu_bits, 0, '1')), at(1000), true).size() == 1);
    const auto ended = watch.update(pdu_status(quiet_pdu_bits), at(500), true);
    CHECK(only(ended).message == "Rack 1: the input voltage is no longer too low");
    const auto document = event_document({"pi", "0.1.0", {}, true}, only(ended), at(500));
    CHECK(document.json.find("\"duration\"") == std::string::npos);
}

TEST_CASE("cleared counters are one event that names them", "[events]") {
    auto watch = make_pdu_watch();
    CHECK(watch.update_meters(reading_with(counters(captured_kwh)), at(0), true).empty());
    const auto events = watch.update_meters(
        reading_with(counters("000000.0 000000.0 000000.0 000000.0 000000.0 000000.0 000000.0 "
                              "000000.0 000000.0")),
        at(10), true);
    CHECK(only(events).action == "energy_counter_reset");
    CHECK(only(events).message ==
          "Rack 1: energy counters were cleared (input, switch, router, outlet 4, server, "
          "recorder, outlet 7, printer)");
    CHECK(detail(only(events), "counter_before_kwh") == "701.7");
    CHECK(detail(only(events), "counter_after_kwh") == "0");
    CHECK(detail(only(events), "count") == "8");
    CHECK(watch.update_meters(reading_with(counters(captured_kwh)), at(20), true).empty());
}

TEST_CASE("one counter that fell is cleared, one that took a step back was misread", "[events]") {
    auto watch = make_pdu_watch();
    CHECK(watch.update_meters(reading_with(counters(captured_kwh)), at(0), true).empty());
    auto later = counters(captured_kwh);
    later.outlets[1] = KilowattHours(100.8);
    CHECK(watch.update_meters(reading_with(later), at(10), true).empty());
    later.outlets[1] = KilowattHours(3.0);
    const auto events = watch.update_meters(reading_with(later), at(20), true);
    CHECK(only(events).message == "Rack 1: energy counters were cleared (switch)");
    CHECK(detail(only(events), "counter_before_kwh") == "100.8");
    CHECK(detail(only(events), "counter_after_kwh") == "3");
}

TEST_CASE("counters cleared while nobody looked are found after a restart", "[events]") {
    auto before = make_pdu_watch();
    CHECK(before.update_meters(reading_with(counters(captured_kwh)), at(0), true).empty());
    auto after = make_pdu_watch();
    after.restore(before.save());
    auto later = counters(captured_kwh);
    later.input = KilowattHours(701.6);  // cleared, and much drawn since
    const auto events = after.update_meters(reading_with(later), at(90000), false);
    CHECK(only(events).message ==
          "Rack 1: energy counters were cleared (input) (exact time unknown)");
}

TEST_CASE("a counter that shows dashes was not cleared", "[events]") {
    auto watch = make_pdu_watch();
    CHECK(watch.update_meters(reading_with(counters(captured_kwh)), at(0), true).empty());
    auto later = counters(captured_kwh);
    later.input.reset();
    later.outlets[7].reset();
    CHECK(watch.update_meters(reading_with(later), at(10), true).empty());
    CHECK(watch.update_meters(reading_with(counters(captured_kwh)), at(20), true).empty());
}

TEST_CASE("a counter that was cleared behind dashes was cleared", "[events]") {
    auto watch = make_pdu_watch();
    CHECK(watch.update_meters(reading_with(counters(captured_kwh)), at(0), true).empty());
    auto later = counters(captured_kwh);
    later.input.reset();
    CHECK(watch.update_meters(reading_with(later), at(10), true).empty());
    later.input = KilowattHours(0);
    CHECK(only(watch.update_meters(reading_with(later), at(20), true)).action ==
          "energy_counter_reset");
}
