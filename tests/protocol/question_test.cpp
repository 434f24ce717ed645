// SPDX-License-Identifier: MIT
#include "protocol/question.h"

#include <catch2/catch.hpp>

using namespace pwlog;

TEST_CASE("a known query brings the length and the check of its answer", "[protocol]") {
    const auto power = question_of(DeviceKind::pdu, "QPW");
    REQUIRE(power);
    CHECK(power->payload_bytes == 44);
    CHECK(power->check("0246 0000 0042 0000 0080 0030 0044 0031 0000"));
    CHECK_FALSE(power->check("0246 0000 0042"));
    const auto memory = question_of(DeviceKind::pdu, "QGM0:");
    REQUIRE(memory);
    CHECK_FALSE(memory->check("NAK"));
    CHECK(question_of(DeviceKind::ats, "GM0020")->check("0004"));
}

TEST_CASE("what looks like a query is asked, whatever the answer", "[protocol]") {
    const auto unknown = question_of(DeviceKind::pdu, "QMOD");
    REQUIRE(unknown);
    CHECK(unknown->check("L"));
    CHECK(question_of(DeviceKind::ats, "QMD"));
    CHECK(question_of(DeviceKind::ats, "GM0021"));
}

TEST_CASE("what could change something is no query", "[protocol]") {
    for (const auto* text : {"", "Q", "CEC", "TP", "S,800", "CS,1", "qgs", "GM0000", "QGS\rS,800",
                             "QS,800", "Q S", "QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ"}) {
        INFO(text);
        CHECK_FALSE(question_of(DeviceKind::pdu, text));
    }
    CHECK_FALSE(question_of(DeviceKind::ats, "S,800"));
}
