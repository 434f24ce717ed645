// SPDX-License-Identifier: MIT
// Answers that come twice, the second time behind the gap, where the next question's answer looks
// just like them.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "device/ats_device.h"
#include "device/pdu_device.h"
#include "protocol/frame.h"
#include "scripted_device.h"

using namespace pwlog;
using namespace pwlog::test;
using std::chrono::milliseconds;

namespace {

/// Longer than the gap of the sessions here.
constexpr auto behind_the_gap = milliseconds(40);

void double_answer(ScriptedDevice& device, const std::string& request, const std::string& payload) {
    device.misbehave(request,
                     {{frame(payload), milliseconds(0)}, {frame(payload), behind_the_gap}});
}

template <class Device>
Device make(const ScriptedDevice& device, std::string_view protocol_id) {
    auto options = quick_session();
    options.answer_timeout = options.least_patience = std::chrono::seconds(2);
    return Device(Session(device.opener(), protocol_id, options, system_clock), system_clock);
}

}  // namespace

TEST_CASE("a setting's doubled answer never stands for another setting", "[device]") {
    auto answers = captured_ats();
    for (int address = 0; address < ats::memory_words; ++address) {
        answers[ats::memory_query(address)] = std::to_string(100 + address);
    }
    ScriptedDevice device(answers);
    auto ats = make<AtsDevice>(device, ats::protocol_id);
    const int doubled = GENERATE(0, 19);
    double_answer(device, ats::memory_query(doubled), std::to_string(100 + doubled));
    for (int address = 0; address < ats::memory_words; ++address) {
        const auto values = ats.read_memory(address, never);
        REQUIRE(values);
        CHECK(values->front().raw == 100 + address);
    }
}

TEST_CASE("a word's doubled answer never stands for another word of the PDU", "[device]") {
    auto answers = captured_pdu();
    answers["QGM00"] = "000001";
    answers["QGM09"] = "0000<4";
    ScriptedDevice device(answers);
    auto pdu = make<PduDevice>(device, pdu::protocol_id);
    double_answer(device, "QGM00", "000001");
    REQUIRE(pdu.read_memory(0, never));
    const auto low_voltage = pdu.read_memory(9, never);
    REQUIRE(low_voltage);
    CHECK(low_voltage->front().raw == 196);
}

TEST_CASE("a doubled QPVA is not taken for the QPW that is asked next", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make<PduDevice>(device, pdu::protocol_id);
    double_answer(device, "QPVA", captured_pdu()["QPVA"]);
    REQUIRE(pdu.read_apparent_power(never));
    const auto active = pdu.read_active_power(never);
    REQUIRE(active);
    CHECK(active->input == Watts(246));
}

TEST_CASE("a doubled ACK is not taken for the next command's", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make<PduDevice>(device, pdu::protocol_id);
    const auto permit = *pdu::SwitchPermit::of({7, 8});
    const auto send = [&](int outlet) {
        const auto command =
            pdu::shutdown(permit, *pdu::OutletChoice::number(outlet), std::chrono::seconds(6), {});
        REQUIRE(command);
        return pdu.command(*command, pdu::LivePermit(permit), never);
    };
    double_answer(device, "S,8.1", "ACK");
    CHECK(send(8).done);
    const auto refused = send(7);  // the device does not know it: NAK
    CHECK(refused.stage == CommandResult::Stage::answered);
    REQUIRE_FALSE(refused.done);
    CHECK(refused.done.error().kind == ErrorKind::refused);
}

TEST_CASE("QPI goes between two questions only where their answers look alike", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make<PduDevice>(device, pdu::protocol_id);
    REQUIRE(pdu.read_status(never));
    REQUIRE(pdu.read_active_power(never));
    REQUIRE(pdu.read_active_power(never));  // the same once more: whose answer it is hurts nobody
    REQUIRE(pdu.read_apparent_power(never));
    REQUIRE(pdu.read_energy(never));
    CHECK(device.requests() ==
          std::vector<std::string>{"QPI", "QGS", "QPW", "QPW", "QPI", "QPVA", "QEC"});
}
