// SPDX-License-Identifier: MIT
// A damaged status character looks just like an alarm: what is not as it was is asked for again.

#include <algorithm>
#include <catch2/catch.hpp>

#include "device/ats_device.h"
#include "device/pdu_device.h"
#include "protocol/identity.h"
#include "scripted_device.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

const std::string quiet_qgs = captured_pdu()["QGS"];
const std::string quiet_qas = captured_ats()["QAS"];

std::string with_character(std::string payload, std::size_t place, char character) {
    payload.at(place) = character;
    return payload;
}

}  // namespace

TEST_CASE("a quiet cycle asks for the status once", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    pdu.expect_status(quiet_qgs.substr(0, 16));
    for (std::size_t cycle = 1; cycle <= 3; ++cycle) {
        REQUIRE(pdu.read_cycle(never));
        CHECK(count(device.requests(), "QGS") == cycle);
    }
    REQUIRE(pdu.read_fast(never));
    CHECK(count(device.requests(), "QGS") == 4);
}

TEST_CASE("a status that an earlier process knew is not believed anew without a second look",
          "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    pdu.expect_status(quiet_qgs.substr(0, 16));
    device.misbehave("QGS", {{framed(with_character(quiet_qgs, 0, '1')), {}}});
    auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK_FALSE(reading->status.alarms.low_input_voltage);
}

TEST_CASE("the first status of all is believed when a second answer says the same", "[device]") {
    ScriptedDevice pdu_line(captured_pdu());
    auto pdu = make_pdu(pdu_line);
    pdu_line.misbehave("QGS", {{framed(with_character(quiet_qgs, 8, '0')), {}}});
    const auto outlets = pdu.read_cycle(never);
    REQUIRE(outlets);
    CHECK(outlets->status.bits == quiet_qgs.substr(0, 16));
    ScriptedDevice ats_line(captured_ats());
    auto ats = make_ats(ats_line);
    ats_line.misbehave("QAS", {{framed("000000100000000000000000"), {}}});
    const auto sources = ats.read_cycle(never);
    REQUIRE(sources);
    CHECK(sources->status.bits == quiet_qas);
}

TEST_CASE("one damaged status character of a PDU is not believed", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    REQUIRE(pdu.read_cycle(never));
    const auto place = GENERATE(std::size_t{0}, std::size_t{5}, std::size_t{8}, std::size_t{15});
    const auto before = count(device.requests(), "QGS");
    device.misbehave("QGS",
                     {{framed(with_character(quiet_qgs, place, place < 8 ? '1' : '5')), {}}});
    SECTION("in a cycle") {
        auto reading = pdu.read_cycle(never);
        REQUIRE(reading);
        CHECK(reading->status.bits == quiet_qgs.substr(0, 16));
    }
    SECTION("in a fast reading") {
        auto reading = pdu.read_fast(never);
        REQUIRE(reading);
        CHECK(reading->status.bits == quiet_qgs.substr(0, 16));
    }
    CHECK(count(device.requests(), "QGS") == before + 2);
}

TEST_CASE("the values of a status are those of the time that it carries, not of a later answer",
          "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    const std::string bits = quiet_qgs.substr(0, 16);
    const auto answer = [&](const std::string& states, const std::string& volts) {
        return framed(states + " " + volts + quiet_qgs.substr(22));
    };
    REQUIRE(quiet_qgs.at(16) == ' ');
    REQUIRE(quiet_qgs.at(22) == ' ');
    const auto confirmed = GENERATE(true, false);
    CAPTURE(confirmed);
    if (!confirmed) {
        device.misbehave("QGS", {{answer(with_character(bits, 0, '1'), "240.0"), {}}});
    }
    device.misbehave("QGS", {{answer(bits, "241.0"), {}}});
    device.misbehave("QGS", {{answer(bits, "242.0"), {}}});
    const auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->status.input_voltage == Volts(241));
}

TEST_CASE("a status that two answers agree on is believed, and then costs nothing", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    REQUIRE(pdu.read_cycle(never));
    device.answer("QGS", with_character(quiet_qgs, 0, '1'));
    const auto before = count(device.requests(), "QGS");
    auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->status.alarms.low_input_voltage);
    CHECK(count(device.requests(), "QGS") == before + 2);
    REQUIRE(pdu.read_cycle(never));
    CHECK(count(device.requests(), "QGS") == before + 3);
}

TEST_CASE("a status that is another one each time makes no reading", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    REQUIRE(pdu.read_cycle(never));
    for (std::size_t place = 0; place < 4; ++place) {
        device.misbehave("QGS", {{framed(with_character(quiet_qgs, place, '1')), {}}});
    }
    auto reading = pdu.read_cycle(never);
    REQUIRE_FALSE(reading);
    CHECK(reading.error().kind == ErrorKind::garbled);
    CHECK(pdu.read_cycle(never));
}

TEST_CASE("one damaged status bit of an ATS is no transfer", "[device]") {
    ScriptedDevice device(captured_ats());
    auto ats = make_ats(device);
    REQUIRE(ats.read_cycle(never));
    const auto before = count(device.requests(), "QAS");
    device.misbehave("QAS", {{framed("000000100000000000000000"), {}}});
    auto reading = ats.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->status.active_source() == 1);
    CHECK(count(device.requests(), "QAS") == before + 2);
    device.answer("QAS", "000000100000000000000000");
    reading = ats.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->status.active_source() == 2);
    REQUIRE(ats.read_cycle(never));
    CHECK(count(device.requests(), "QAS") == before + 5);
}
