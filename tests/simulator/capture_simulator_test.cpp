// SPDX-License-Identifier: MIT
#include "simulator/capture_simulator.h"

#include <catch2/catch.hpp>

#include "model_time.h"
#include "protocol/ats.h"
#include "protocol/case_file.h"
#include "protocol/pdu.h"

using namespace pwlog;
using namespace std::chrono_literals;
using simulator::CaptureSimulator;
using test::after;

TEST_CASE("a capture simulator answers what was captured, now and later", "[simulator]") {
    auto pdu = CaptureSimulator::pdu();
    auto ats = CaptureSimulator::ats();
    std::size_t captured = 0;
    for (const auto& each : test::load_cases()) {
        if (!each.captured) {
            continue;
        }
        ++captured;
        INFO(each.name);
        auto& device = each.device == "pdu" ? pdu : ats;
        CHECK(device.answer(each.command, after(0s)) == each.answer);
        CHECK(device.answer(each.command, after(24h)) == each.answer);
    }
    // QPI and QVFW of both
    CHECK(captured == pdu::queries.size() + ats::queries.size() + 4);
}

TEST_CASE("a capture simulator takes set commands and does nothing", "[simulator]") {
    auto pdu = CaptureSimulator::pdu();
    const auto before = pdu.answer("QGS", after(0s));
    for (const char* command : {"S,8.1", "S,800R0000", "CS,8", "CEC", "TP"}) {
        CHECK(pdu.answer(command, after(0s)) == "ACK");
    }
    CHECK(pdu.answer("QGS", after(1h)) == before);
    CHECK(pdu.answer("QATS", after(0s)) == "NAK");
    CHECK(CaptureSimulator::ats().answer("CEC", after(0s)) == "NAK");
    CHECK(pdu.answer("", after(0s)) == std::nullopt);
}

TEST_CASE("memory, which nobody captured, is as it leaves the factory", "[simulator]") {
    CHECK(CaptureSimulator::pdu().answer("QGM0:", after(0s)) == "0:00?=");
    CHECK(CaptureSimulator::ats().answer("GM0000", after(0s)) == "0258");
}
