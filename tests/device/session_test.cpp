// SPDX-License-Identifier: MIT
#include "device/session.h"

#include <catch2/catch.hpp>

#include "device/pdu_device.h"
#include "link/link.h"
#include "protocol/identity.h"
#include "scripted_device.h"
#include "support/eventually.h"

using namespace pwlog;
using namespace pwlog::test;
using std::chrono::milliseconds;

namespace {

template <class T>
ErrorKind kind_of_failure(const Result<T>& result) {
    REQUIRE_FALSE(result);
    return result.error().kind;
}

}  // namespace

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
