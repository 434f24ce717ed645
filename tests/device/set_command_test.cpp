// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "device/pdu_device.h"
#include "scripted_device.h"

using namespace pwlog;
using namespace pwlog::test;
using std::chrono::milliseconds;

TEST_CASE("a set command goes out once, whatever comes back", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device, quick_session());
    const auto permit = *pdu::SwitchPermit::of({8});
    const auto off =
        *pdu::shutdown(permit, *pdu::OutletChoice::number(8), std::chrono::seconds(6), {});
    using Stage = CommandResult::Stage;
    auto expected = ErrorKind::timeout;
    auto stage = Stage::sent;
    bool done = false;
    SECTION("ACK") {
        done = true;
        stage = Stage::answered;
    }
    SECTION("NAK") {
        device.misbehave("S,8.1", {{framed("NAK"), milliseconds(0)}});
        expected = ErrorKind::refused;
        stage = Stage::answered;
    }
    SECTION("no answer") { device.misbehave("S,8.1", {}); }
    SECTION("a garbled answer") {
        device.misbehave("S,8.1", {{framed("AxK"), milliseconds(0)}});
        expected = ErrorKind::garbled;
    }
    const auto result = pdu.command(off, pdu::LivePermit(permit), never);
    CHECK(result.stage == stage);
    CHECK(result.done.has_value() == done);
    if (!done) {
        CHECK(result.done.error().kind == expected);
    }
    auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->countdowns.has_value());  // QSR after a command
    CHECK(count(device.requests(), "S,8.1") == 1);
}

TEST_CASE("a command is judged again when its bytes are about to go out", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    const auto permit = *pdu::SwitchPermit::of({8});
    const auto off =
        *pdu::shutdown(permit, *pdu::OutletChoice::number(8), std::chrono::seconds(6), {});
    pdu::LivePermit live(permit);
    live.replace(*pdu::SwitchPermit::of({1}));
    const auto refused = pdu.command(off, live, never);
    CHECK(refused.stage == CommandResult::Stage::not_sent);
    CHECK(refused.done.error().kind == ErrorKind::denied);
    CHECK(count(device.requests(), "S,8.1") == 0);
    live.replace(permit);
    CHECK(pdu.command(off, live, never).done);
}

TEST_CASE("a port that is gone has got no command", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    const auto permit = *pdu::SwitchPermit::of({8});
    const auto off =
        *pdu::shutdown(permit, *pdu::OutletChoice::number(8), std::chrono::seconds(6), {});
    device.unplug(false);  // before the port is opened: what is under way is a race of two threads
    const auto result = pdu.command(off, pdu::LivePermit(permit), never);
    CHECK(result.stage == CommandResult::Stage::not_sent);
    CHECK_FALSE(result.done);
    CHECK(count(device.requests(), "S,8.1") == 0);
}
