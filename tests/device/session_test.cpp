// SPDX-License-Identifier: MIT
#include "device/session.h"

#include <catch2/catch.hpp>

#include "scripted_device.h"
#include "support/eventually.h"

using namespace pwlog;
using namespace pwlog::test;
using std::chrono::milliseconds;

TEST_CASE("a cycle asks QPI first, then each query once, and what nothing is known of twice",
          "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->active_power.input == Watts(246));
    CHECK(reading->apparent_power.input == VoltAmperes(336));
    CHECK(reading->countdowns.has_value());  // at start nobody knows what counts down
    CHECK(device.requests() ==
          std::vector<std::string>{"QPI", "QGS", "QGS", "QPW", "QEC", "QPVA", "QEC", "QSR"});
    REQUIRE(pdu.read_cycle(never));
    CHECK(device.requests().size() == 12);  // the second cycle needs neither QPI nor QSR
}

TEST_CASE("countdowns are asked for while an outlet counts down", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    REQUIRE(pdu.read_cycle(never));
    device.answer("QGS",
                  "0000000011112111 222.5 49.8 02.1 00.0 00.3 00.5 00.4 00.1 00.2 00.2 00.3 36.0");
    auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->countdowns.has_value());
    CHECK(reading->status.outlets[4] == pdu::OutletState::shutdown_active);
}

TEST_CASE("each single damage to an answer is healed by asking again", "[device]") {
    using Pieces = std::vector<ScriptedDevice::Piece>;
    const std::string good = framed(captured_pdu()["QPW"]);
    const std::string other = framed(captured_pdu()["QPVA"]);
    const auto [name, pieces] = GENERATE_REF(table<std::string, Pieces>({
        {"dropped", {}},
        {"late, after the time-out", {{good, milliseconds(450)}}},
        {"truncated", {{good.substr(0, 20), milliseconds(0)}}},
        {"truncated, with its CR", {{good.substr(0, 20) + "\r", milliseconds(0)}}},
        {"a letter in a number",
         {{framed("0246 00x0 0042 0000 0080 0030 0044 0031 0000"), milliseconds(0)}}},
        {"out of range",
         {{framed("9999 0000 0042 0000 0080 0030 0044 0031 0000"), milliseconds(0)}}},
        {"noise only", {{"\xff#zz", milliseconds(0)}}},
        {"NAK", {{framed("NAK"), milliseconds(0)}}},
        {"the answer to another command", {{framed("000000010000000000000000"), milliseconds(0)}}},
        {"QPVA's answer", {{other, milliseconds(0)}}},
        {"echo of the request", {{"QPW\r", milliseconds(0)}}},
        {"64 kB without CR", {{"(" + std::string(65536, '0'), milliseconds(0)}}},
    }));
    CAPTURE(name);
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device, quick_session());
    REQUIRE(pdu.read_cycle(never));
    device.misbehave("QPW", pieces);
    auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->active_power.input == Watts(246));
    CHECK(reading->active_power.outlets[3] == Watts(80));
    CHECK(reading->apparent_power.input == VoltAmperes(336));
    auto next = pdu.read_cycle(never);
    REQUIRE(next);
    CHECK(next->active_power.input == Watts(246));
    CHECK(next->apparent_power.outlets[1] == VoltAmperes(78));
}

TEST_CASE("what surrounds a whole answer does not matter", "[device]") {
    using Pieces = std::vector<ScriptedDevice::Piece>;
    const std::string good = framed(captured_pdu()["QGS"]);
    const auto [name, pieces] = GENERATE_REF(table<std::string, Pieces>({
        {"noise before", {{"\xfe*7\r\n" + good, milliseconds(0)}}},
        {"NULs before", {{std::string(5, '\0') + good, milliseconds(0)}}},
        {"NULs after, as hidraw pads", {{good + std::string(7, '\0'), milliseconds(0)}}},
        {"a line feed after", {{good + "\n", milliseconds(0)}}},
        {"a begun answer before", {{"(0000000011" + good, milliseconds(0)}}},
        {"in two pieces",
         {{good.substr(0, 30), milliseconds(0)}, {good.substr(30), milliseconds(60)}}},
        {"late, before the time-out", {{good, milliseconds(200)}}},
    }));
    CAPTURE(name);
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    REQUIRE(pdu.read_cycle(never));
    const auto before = count(device.requests(), "QGS");
    device.misbehave("QGS", pieces);
    auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->status.input_voltage == Volts(222.5));
    CHECK(count(device.requests(), "QGS") == before + 1);  // it needed no second question
}

TEST_CASE("an answer with a damaged byte is not said to be cut off", "[device]") {
    const std::string good = framed(captured_pdu()["QGS"]);
    std::string damaged = good;
    damaged[5] = '\0';  // a framing error, as the driver tells it
    const auto [answer, word] = GENERATE_REF(table<std::string, std::string>({
        {damaged, "damaged answer"},
        {damaged + std::string(3, '\0'), "damaged answer"},
        {good.substr(0, 20), "answer cut off"},
        {damaged + "(0000", "answer cut off"},
    }));
    CAPTURE(answer);
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    REQUIRE(pdu.read_cycle(never));
    for (int i = 0; i < 3; ++i) {
        device.misbehave("QGS", {{answer, milliseconds(0)}});
    }
    const auto reading = pdu.read_cycle(never);
    REQUIRE_FALSE(reading);
    CHECK(reading.error().kind == ErrorKind::garbled);
    CHECK_THAT(reading.error().message, Catch::Contains(word));
}

TEST_CASE("a doubled answer is one sample and never the next query's", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device);
    REQUIRE(pdu.read_cycle(never));
    const std::string good = framed(captured_pdu()["QPW"]);
    SECTION("at once") { device.misbehave("QPW", {{good + good, milliseconds(0)}}); }
    SECTION("within the gap") {
        device.misbehave("QPW", {{good, milliseconds(0)}, {good, milliseconds(2)}});
    }
    SECTION("into the next question") {
        device.misbehave("QPW", {{good, milliseconds(0)}, {good, milliseconds(20)}});
    }
    auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->active_power.input == Watts(246));
    CHECK(reading->apparent_power.input == VoltAmperes(336));
    CHECK(reading->energy.input == KilowattHours(701.7));
}

TEST_CASE("after a time-out QPI must answer before a number is trusted", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device, quick_session());
    REQUIRE(pdu.read_cycle(never));
    const auto before = device.requests().size();
    device.misbehave("QGS", {});
    REQUIRE(pdu.read_cycle(never));
    const auto requests = device.requests();
    REQUIRE(requests.size() >= before + 3);
    CHECK(requests[before] == "QGS");
    CHECK(requests[before + 1] == "QPI");
    CHECK(requests[before + 2] == "QGS");
    // A busy machine may have made more of them; each was followed by QPI before anything else.
    const auto counters = pdu.session().counters();
    CHECK(counters.timeouts >= 1);
    CHECK(counters.resyncs == counters.opens + counters.errors());
}

TEST_CASE("a device that stalls and then answers all it was asked, slowly, is caught up with",
          "[device]") {
    ScriptedDevice device(captured_pdu());
    auto pdu = make_pdu(device, quick_session());
    REQUIRE(pdu.read_cycle(never));
    // Longer than a drain listens, shorter than an answer may take.
    constexpr auto slow = milliseconds(120);
    device.misbehave("QPW", {{framed(captured_pdu()["QPW"]), milliseconds(1000)}});
    for (const auto* question :
         {"QPI", "QPI", "QPI", "QPI", "QPI", "QPI", "QPW", "QPW", "QEC", "QPVA", "QGS", "QGS"}) {
        device.misbehave(question, {{framed(captured_pdu()[question]), slow}});
    }
    auto reading = pdu.read_cycle(never);
    REQUIRE(reading);
    CHECK(reading->active_power.input == Watts(246));
    CHECK(reading->apparent_power.input == VoltAmperes(336));
}

TEST_CASE("NAK to a query is asked again twice, not for ever", "[device]") {
    auto answers = captured_pdu();
    answers.erase("QEC");
    ScriptedDevice device(answers);
    auto pdu = make_pdu(device);
    auto reading = pdu.read_cycle(never);
    REQUIRE_FALSE(reading);
    CHECK(reading.error().kind == ErrorKind::refused);
    CHECK(count(device.requests(), "QEC") == 3);
}

TEST_CASE("a silent device is a time-out that names query and port", "[device]") {
    ScriptedDevice device({});
    for (int i = 0; i < 20; ++i) {
        device.misbehave("QPI", {});
    }
    auto pdu = make_pdu(device, quick_session());
    auto reading = pdu.read_cycle(never);
    REQUIRE_FALSE(reading);
    CHECK(reading.error().kind == ErrorKind::timeout);
    CHECK_THAT(reading.error().message,
               Catch::Matches("QPI on /[^:]+/port: no byte in time"));  // once each
}

TEST_CASE("a stop ends a wait for an answer at once", "[device]") {
    ScriptedDevice device(captured_pdu());
    auto options = quick_session();
    options.answer_timeout = std::chrono::seconds(30);
    auto pdu = make_pdu(device, options);
    REQUIRE(pdu.read_cycle(never));
    device.misbehave("QGS", {});
    std::stop_source source;
    const std::jthread stopper([&] {
        (void)eventually([&] { return count(device.requests(), "QGS") == 2; });
        source.request_stop();
    });
    auto reading = pdu.read_cycle(source.get_token());
    REQUIRE_FALSE(reading);
    CHECK(reading.error().kind == ErrorKind::stopped);
}
