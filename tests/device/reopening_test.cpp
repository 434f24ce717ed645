// SPDX-License-Identifier: MIT
// Ports that are dead, gone, or another device's.
#include <catch2/catch.hpp>

#include "device/pdu_device.h"
#include "link/link.h"
#include "protocol/identity.h"
#include "scripted_device.h"
#include "support/pty.h"

using namespace pwlog;
using namespace pwlog::test;

TEST_CASE("a port on which nothing comes back is opened anew by its name, ever more seldom",
          "[device]") {
    Pty stalled;  // there and open, and dead: no error will ever say so
    int opens = 0;
    const std::string name = stalled.slave_path();
    ScriptedDevice alive(captured_pdu());
    const auto alive_opener = alive.opener();
    bool is_well = false;
    const auto open = [&](const std::stop_token& stop) {
        ++opens;
        return is_well ? alive_opener(stop) : open_link({.name = name});
    };
    PduDevice pdu(Session(open, pdu::protocol_id, quick_session(), system_clock), system_clock);
    const auto silent_cycles = [&](int cycles) {
        for (int i = 0; i < cycles; ++i) {
            REQUIRE(kind_of_failure(pdu.read_cycle(never)) == ErrorKind::timeout);
        }
    };
    silent_cycles(3);
    CHECK(opens == 1);
    CHECK_FALSE(pdu.session().is_open());
    silent_cycles(6);
    CHECK(opens == 2);
    CHECK_FALSE(pdu.session().is_open());
    silent_cycles(11);
    CHECK(opens == 3);
    CHECK(pdu.session().is_open());
    is_well = true;
    silent_cycles(1);
    CHECK(pdu.read_cycle(never));
    CHECK(opens == 4);
}

TEST_CASE("an ATS on the PDU's port is told apart by QPI and never asked more", "[device]") {
    ScriptedDevice device(captured_ats());
    auto pdu = make_pdu(device);
    auto reading = pdu.read_cycle(never);
    REQUIRE_FALSE(reading);
    CHECK(reading.error().kind == ErrorKind::wrong_device);
    CHECK_THAT(reading.error().message, Catch::Contains("PI97") && Catch::Contains("an ATS"));
    const auto permit = *pdu::SwitchPermit::of({8});
    const auto off =
        *pdu::shutdown(permit, *pdu::OutletChoice::number(8), std::chrono::seconds(6), {});
    CHECK(pdu.command(off, pdu::LivePermit(permit), never).stage == CommandResult::Stage::not_sent);
    const auto requests = device.requests();
    CHECK(count(requests, "QPI") == requests.size());
}

TEST_CASE("who expects neither device is told which one answers, on one opening", "[device]") {
    const bool is_pdu = GENERATE(true, false);
    auto answers = is_pdu ? captured_pdu() : captured_ats();
    const bool is_ours = GENERATE(true, false);
    if (!is_ours) {
        answers["QPI"] = "PI30";
    }
    const ScriptedDevice device(answers);
    Session session(device.opener(), "", patient_session(), system_clock);
    const auto connected = session.connect(never);
    CHECK(connected.has_value() == is_ours);
    CHECK(session.counters().opens == 1);
    CHECK(session.identity() == (is_ours ? answers["QPI"] : std::string()));
    if (!connected) {
        CHECK(connected.error().kind == ErrorKind::wrong_device);
        CHECK_THAT(connected.error().message, Catch::Contains("PI90 or PI97"));
    }
}

TEST_CASE("a device that is plugged in again under its name is found within the cycle",
          "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    REQUIRE(pdu.read_cycle(never));
    device.unplug(true);
    auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->active_power.input == Watts(246));
    CHECK(pdu.session().counters().opens == 2);
}

TEST_CASE("an unplugged device is gone, and the port is let go at once", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    REQUIRE(pdu.read_cycle(never));
    device.unplug(false);
    auto reading = pdu.read_cycle(never);
    REQUIRE_FALSE(reading);
    CHECK(
        (reading.error().kind == ErrorKind::gone || reading.error().kind == ErrorKind::not_found));
    CHECK_FALSE(pdu.session().is_open());
}
