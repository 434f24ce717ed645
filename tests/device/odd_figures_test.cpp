// SPDX-License-Identifier: MIT
// A damaged digit looks just like a load: what is odd is asked for again, and then believed.
#include <catch2/catch.hpp>

#include "device/pdu_device.h"
#include "scripted_device.h"

using namespace pwlog;
using namespace pwlog::test;
using std::chrono::milliseconds;

TEST_CASE("one power answer in place of the other is not believed, even where it fits",
          "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    const bool was_read_before = GENERATE(true, false);
    if (was_read_before) {
        REQUIRE(pdu.read_cycle(never));
    }
    // A second later one of the loads takes one VA more: no watt is above its VA, and not all are
    // equal.
    device.answer("QPVA", "0337 0000 0078 0000 0089 0034 0050 0064 0000");
    SECTION("QPVA's for QPW's") {
        device.misbehave("QPW", {{framed(captured_pdu()["QPVA"]), milliseconds(0)}});
    }
    SECTION("QPW's for QPVA's") {
        device.misbehave(
            "QPVA", {{framed("0247 0000 0042 0000 0080 0030 0044 0032 0000"), milliseconds(0)}});
    }
    auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->active_power.input == Watts(246));
    CHECK(reading->apparent_power.input == VoltAmperes(337));
    device.misbehave("QPW",
                     {{framed("0337 0000 0078 0000 0089 0034 0050 0064 0000"), milliseconds(0)}});
    auto fast = pdu.read_fast(never);
    REQUIRE(fast);
    CHECK(fast->active_power.input == Watts(246));
}

TEST_CASE("a load that has changed is read once more, and then never again", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    REQUIRE(pdu.read_cycle(never));
    device.answer("QPW", "0336 0000 0078 0000 0089 0034 0050 0063 0000");
    device.answer("QPVA", "0436 0000 0108 0000 0119 0054 0070 0083 0000");
    auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->active_power.input == Watts(336));
    CHECK(count(device.requests(), "QPW") == 3);
    REQUIRE(pdu.read_cycle(never));
    CHECK(count(device.requests(), "QPW") == 4);
}

TEST_CASE("a counter that jumps is believed when a second reading says the same", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    REQUIRE(pdu.read_cycle(never));
    SECTION("a flipped digit is replaced") {
        device.misbehave("QEC", {{framed("400701.7 000000.0 000100.9 000011.8 000110.6 000198.8 "
                                         "000103.9 000046.2 000019.8"),
                                  milliseconds(0)}});
        auto reading = pdu.read_cycle(never);
        REQUIRE(reading);
        CHECK(reading->energy.input == KilowattHours(701.7));
    }
    SECTION("a cleared counter is kept") {
        device.answer(
            "QEC",
            "000000.0 000000.0 000000.0 000000.0 000000.0 000000.0 000000.0 000000.0 000000.0");
        auto reading = pdu.read_cycle(never);
        REQUIRE(reading);
        CHECK(reading->energy.input == KilowattHours(0));
    }
    CHECK(count(device.requests(), "QEC") == 4);
}

TEST_CASE("the first counters of a process are believed when a second reading says the same",
          "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    device.misbehave("QEC", {{framed("000701.7 000000.0 000100.9 000011.8 000110.6 000198.8 "
                                     "000103.9 000046.6 000019.8"),
                              milliseconds(0)}});
    auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->energy.outlets[6] == KilowattHours(46.2));
    CHECK(count(device.requests(), "QEC") == 3);
}

TEST_CASE("counters that come out differently each time are not believed", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    REQUIRE(pdu.read_cycle(never));
    const std::string outlets =
        " 000000.0 000100.9 000011.8 000110.6 000198.8 000103.9 000046.2 000019.8";
    SECTION("where no two agree there is no reading") {
        for (const auto* input : {"400701.7", "000001.7", "020701.7", "000781.7"}) {
            device.misbehave("QEC", {{framed(input + outlets), milliseconds(0)}});
        }
        CHECK(kind_of_failure(pdu.read_cycle(never)) == ErrorKind::garbled);
    }
    SECTION("the third is believed where the fourth says the same") {
        for (const auto* input : {"400701.7", "000001.7", "000801.7", "000801.7"}) {
            device.misbehave("QEC", {{framed(input + outlets), milliseconds(0)}});
        }
        auto reading = pdu.read_cycle(never);
        REQUIRE(reading);
        CHECK(reading->energy.input == KilowattHours(801.7));
    }
    SECTION("what goes on from the last that was believed needs no second reading") {
        for (const auto* input : {"400701.7", "000001.7"}) {
            device.misbehave("QEC", {{framed(input + outlets), milliseconds(0)}});
        }
        auto reading = pdu.read_cycle(never);
        REQUIRE(reading);
        CHECK(reading->energy.input == KilowattHours(701.7));
    }
    CHECK(pdu.read_cycle(never));
}

TEST_CASE("an odd meter is believed after three readings, and then not asked thrice again",
          "[device]") {
    auto answers = captured_pdu();
    answers["QPVA"] = answers["QPW"];  // a purely resistive load
    ScriptedDevice device(answers);
    auto pdu = make_pdu(device);
    REQUIRE(pdu.read_cycle(never));
    CHECK(count(device.requests(), "QPW") == 3);
    REQUIRE(pdu.read_cycle(never));
    CHECK(count(device.requests(), "QPW") == 4);
}
