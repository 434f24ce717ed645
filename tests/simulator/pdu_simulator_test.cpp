// SPDX-License-Identifier: MIT
#include "simulator/pdu_simulator.h"

#include <catch2/catch.hpp>
#include <set>

#include "decoded.h"
#include "model_time.h"
#include "protocol/identity.h"
#include "protocol/memory.h"

using namespace pwlog;
using namespace std::chrono_literals;
using pdu::OutletState;
using simulator::PduSimulator;
using test::after;
using test::decoded;
using test::model_start;

namespace {

constexpr std::uint64_t seed = 4;

/// A PDU with a reader: asks and decodes.
struct PduReader {
    PduSimulator pdu{seed, model_start};

    std::string ask(const char* command, std::chrono::milliseconds passed) {
        return pdu.answer(command, after(passed)).value_or("silence");
    }
    pdu::Status status(std::chrono::milliseconds passed) {
        return decoded(pdu::decode_status(ask("QGS", passed)));
    }
    pdu::ActivePower watts(std::chrono::milliseconds passed) {
        return decoded(pdu::decode_active_power(ask("QPW", passed)));
    }
    pdu::ApparentPower volt_amperes(std::chrono::milliseconds passed) {
        return decoded(pdu::decode_apparent_power(ask("QPVA", passed)));
    }
    pdu::Energy energy(std::chrono::milliseconds passed) {
        return decoded(pdu::decode_energy(ask("QEC", passed)));
    }
    pdu::Countdown countdown(int outlet, std::chrono::milliseconds passed) {
        return decoded(pdu::decode_countdowns(ask("QSR", passed)))
            .at(static_cast<std::size_t>(outlet - 1));
    }
    OutletState state(int outlet, std::chrono::milliseconds passed) {
        return status(passed).outlets.at(static_cast<std::size_t>(outlet - 1));
    }
};

double kwh(const std::optional<KilowattHours>& value) { return value.value().value(); }

}  // namespace

TEST_CASE("all through a day every answer of the PDU is whole and plausible", "[simulator]") {
    PduReader reader;
    for (int minute = 0; minute < 24 * 60; ++minute) {
        const auto now = std::chrono::minutes(minute) + 137ms;
        const auto status = reader.status(now);
        const double volts = status.input_voltage->value();
        REQUIRE(volts >= 222);
        REQUIRE(volts <= 238);
        REQUIRE(status.alarms == pdu::Alarms{});
        const auto active = reader.watts(now);
        const auto apparent = reader.volt_amperes(now);
        REQUIRE(active.input->value() <= apparent.input->value());
        REQUIRE(status.input_current->value() ==
                Approx(apparent.input->value() / volts).margin(0.06));
        for (std::size_t i = 0; i < pdu::outlet_count; ++i) {
            REQUIRE(active.outlets[i]->value() <= apparent.outlets[i]->value());
            REQUIRE(status.outlet_current[i]->value() ==
                    Approx(apparent.outlets[i]->value() / volts).margin(0.06));
        }
    }
}

TEST_CASE("two outlets are free and off, the others carry their loads", "[simulator]") {
    PduReader reader;
    const auto status = reader.status(10s);
    const auto active = reader.watts(10s);
    for (std::size_t i = 0; i < pdu::outlet_count; ++i) {
        const bool used = !simulator::pdu_loads[i].name.empty();
        CHECK(status.outlets[i] == (used ? OutletState::on : OutletState::off));
        CHECK((active.outlets[i]->value() > 0) == used);
    }
}

TEST_CASE("the input carries all outlets and the PDU itself", "[simulator]") {
    PduReader reader;
    const auto active = reader.watts(10s);
    int sum = 0;
    for (const auto& outlet : active.outlets) {
        sum += outlet->value();
    }
    CHECK(active.input->value() >= sum);
    CHECK(active.input->value() <= sum + 10);
}

TEST_CASE("the router draws more by day and the printer in bursts", "[simulator]") {
    PduReader reader;
    const int noon = reader.watts(6h).outlets[2]->value();
    std::set<bool> printing;
    for (int minute = 6 * 60; minute < 18 * 60; ++minute) {
        printing.insert(reader.watts(std::chrono::minutes(minute) + 10s).outlets[7]->value() > 200);
    }
    const int midnight = reader.watts(18h).outlets[2]->value();
    CHECK(noon > midnight + 2);
    CHECK(printing.size() == 2);
}

TEST_CASE("how often the PDU is asked changes nothing about its answers", "[simulator]") {
    PduReader often;
    PduReader seldom;
    for (int second = 0; second < 1800; ++second) {
        often.status(std::chrono::seconds(second));
    }
    for (const char* query : {"QGS", "QPW", "QPVA", "QEC", "QSR"}) {
        CHECK(often.ask(query, 30min) == seldom.ask(query, 30min));
    }
    PduReader other{PduSimulator(seed + 1, model_start)};
    CHECK(other.ask("QGS", 30min) != often.ask("QGS", 30min));
}

TEST_CASE("the counters start where the captured ones stood", "[simulator]") {
    PduReader reader;
    CHECK(reader.ask("QEC", 0s) ==
          "000701.7 000000.0 000100.9 000011.8 000110.6 000198.8 000103.9 000046.2 000019.8");
}

TEST_CASE("a counter grows by its watts over time", "[simulator]") {
    PduReader reader;
    const auto before = reader.energy(0s);
    double watt_seconds_input = 0;
    double watt_seconds_server = 0;
    constexpr int seconds = 10 * 3600;
    for (int second = 1; second <= seconds; ++second) {
        const auto active = reader.watts(std::chrono::seconds(second));
        watt_seconds_input += active.input->value();
        watt_seconds_server += active.outlets[4]->value();
    }
    const auto later = reader.energy(std::chrono::seconds(seconds));
    const double step = 0.1 + 0.02;  // shown in tenths, from watts shown whole
    CHECK(kwh(later.input) - kwh(before.input) == Approx(watt_seconds_input / 3.6e6).margin(step));
    CHECK(kwh(later.outlets[4]) - kwh(before.outlets[4]) ==
          Approx(watt_seconds_server / 3.6e6).margin(step));
    CHECK(kwh(later.outlets[3]) == kwh(before.outlets[3]));
}

TEST_CASE("an outlet of 1000 W counts exactly one kWh an hour", "[simulator]") {
    PduReader reader;
    reader.pdu.forcing().outlets[3].load_w = 1000;
    reader.pdu.outlet(4).turn(true);
    reader.pdu.set_energy(4, 5);
    const auto before = kwh(reader.energy(0s).outlets[3]);
    CHECK(kwh(reader.energy(30min).outlets[3]) - before == Approx(0.5));
    CHECK(kwh(reader.energy(1h).outlets[3]) - before == Approx(1.0));
    CHECK(kwh(reader.energy(25h).outlets[3]) - before == Approx(25.0));
}

TEST_CASE("a meter that shows too much does not disturb the counter", "[simulator]") {
    PduReader reader;
    auto& forced = reader.pdu.forcing().outlets[4];
    forced.load_w = 100;
    forced.power_factor = 0.5;
    forced.meter = 1.2;
    reader.pdu.set_energy(5, 0);
    CHECK(reader.watts(1s).outlets[4]->value() == 120);
    CHECK(reader.volt_amperes(1s).outlets[4]->value() == 240);
    CHECK(kwh(reader.energy(10h).outlets[4]) == Approx(1.0));
    forced.counter = 2;
    CHECK(kwh(reader.energy(20h).outlets[4]) == Approx(3.0));
}

TEST_CASE("CEC zeroes all counters, and they go on from there", "[simulator]") {
    PduReader reader;
    CHECK(reader.ask("CEC", 1min) == "ACK");
    const auto cleared = reader.energy(1min);
    CHECK(kwh(cleared.input) == 0);
    for (const auto& outlet : cleared.outlets) {
        CHECK(kwh(outlet) == 0);
    }
    CHECK(kwh(reader.energy(10h).input) > 1);
}

TEST_CASE("a shutdown by command runs through its states with its countdowns", "[simulator]") {
    PduReader reader;
    CHECK(reader.ask("S,805", 0s) == "ACK");
    CHECK(reader.state(8, 0s) == OutletState::shutdown_active);
    CHECK(reader.countdown(8, 10s) == pdu::Countdown{290, 0});
    CHECK(reader.state(8, 2min) == OutletState::shutdown_imminent);
    CHECK(reader.watts(4min).outlets[7]->value() > 0);
    CHECK(reader.state(8, 5min) == OutletState::off);
    CHECK(reader.watts(5min).outlets[7]->value() == 0);
    CHECK(reader.state(7, 5min) == OutletState::off);
    CHECK(reader.state(6, 5min) == OutletState::on);
}

TEST_CASE("S with R brings the outlet back, CS stops it, A means all", "[simulator]") {
    PduReader reader;
    CHECK(reader.ask("S,8.1R0001", 0s) == "ACK");
    CHECK(reader.state(8, 6s) == OutletState::restore_active);
    CHECK(reader.countdown(8, 36s) == pdu::Countdown{0, 30});
    CHECK(reader.state(8, 66s) == OutletState::on);
    CHECK(reader.ask("S,A99", 2min) == "ACK");
    CHECK(reader.countdown(1, 2min) == pdu::Countdown{5940, 0});
    for (int outlet = 1; outlet <= pdu::outlet_count; ++outlet) {
        CHECK(reader.state(outlet, 3min) == OutletState::shutdown_active);
    }
    CHECK(reader.ask("CS,3", 3min) == "ACK");
    CHECK(reader.state(3, 3min) == OutletState::on);
    CHECK(reader.state(2, 3min) == OutletState::shutdown_active);
    CHECK(reader.ask("CS,A", 3min) == "ACK");
    CHECK(reader.state(2, 3min) == OutletState::on);
    CHECK(reader.ask("S,800", 4min) == "ACK");
    CHECK(reader.state(8, 4min) == OutletState::off);
    CHECK(reader.ask("S,8.1R0000", 4min) == "ACK");
    CHECK(reader.state(8, 4min + 7s) == OutletState::on);
}

TEST_CASE("the longest delays fit the countdown's digits", "[simulator]") {
    PduReader reader;
    CHECK(reader.ask("S,899R9999", 0s) == "ACK");
    CHECK(reader.countdown(8, 0s) == pdu::Countdown{5940, 0});
    CHECK(reader.countdown(8, 99min) == pdu::Countdown{0, 599940});
}

TEST_CASE("what is no command of the PDU gets NAK and does nothing", "[simulator]") {
    PduReader reader;
    const auto before = reader.status(1s).bits;
    for (const char* command :
         {"X",         "QMOD",        "S,9.1", "S,0.1", "S,8",   "S,8.0", "S,8.1R",
          "S,8.1R000", "S,8.1R00000", "S,8x1", "S8.1",  "s,8.1", "CS,9",  "CS,",
          "CS8",       "QGM0?",       "QGM10", "QGM",   "QATS",  "cec"}) {
        INFO(command);
        CHECK(reader.ask(command, 1s) == "NAK");
    }
    CHECK(reader.status(1s).bits == before);
    CHECK(reader.pdu.answer("", after(1s)) == std::nullopt);
    CHECK(reader.ask("TP", 1s) == "ACK");
}

TEST_CASE("a locked outlet is not switched until the button turned it on", "[simulator]") {
    PduReader reader;
    reader.pdu.outlet(8).lock();
    CHECK(reader.state(8, 1s) == OutletState::locked);
    CHECK(reader.watts(1s).outlets[7]->value() == 0);
    CHECK(reader.ask("S,8.1R0000", 1s) == "NAK");
    reader.pdu.outlet(8).turn(true);
    CHECK(reader.ask("S,8.1R0000", 1s) == "ACK");
}

TEST_CASE("a load above its threshold is an overload, and is cut off where the settings say so",
          "[simulator]") {
    PduReader reader;
    reader.pdu.forcing().outlets[4].load_w = 900;
    CHECK(reader.state(5, 1s) == OutletState::overload);
    CHECK(reader.state(5, 10min) == OutletState::overload);  // bit 1 is set: no disconnection
    reader.pdu.memory().set_high_byte(5, 5);
    CHECK(reader.state(5, 10min + 1s) == OutletState::locked);
    reader.pdu.forcing().outlets[5].load_w = 900;
    reader.pdu.memory().set_high_byte(6, 5);
    CHECK(reader.state(6, 11min) == OutletState::overload);
    CHECK(reader.state(6, 12min + 2s) == OutletState::locked);
}

TEST_CASE("the alarm bits follow the memory's thresholds", "[simulator]") {
    PduReader reader;
    auto& forced = reader.pdu.forcing();
    forced.voltage = 195;
    CHECK(reader.status(1s).alarms.low_input_voltage);
    forced.voltage = 196;
    CHECK_FALSE(reader.status(1s).alarms.low_input_voltage);
    forced.voltage = 254;
    CHECK(reader.status(1s).alarms.high_input_voltage);
    reader.pdu.memory().set(10, 260);
    CHECK_FALSE(reader.status(1s).alarms.high_input_voltage);
    forced.voltage = 230;
    reader.pdu.memory().set(13, 10);
    forced.outlets[4].load_w = 400;
    CHECK(reader.status(1s).alarms.high_input_current);
    reader.pdu.memory().set(12, 150);
    CHECK(reader.status(1s).alarms.low_input_current);
    forced.alarms[4] = true;
    forced.alarms[3] = false;
    const auto alarms = reader.status(1s).alarms;
    CHECK(alarms.aux1_power_fail);
    CHECK_FALSE(alarms.aux2_power_fail);
    CHECK_FALSE(alarms.high_input_current);
}

TEST_CASE("above the shut-off voltage the outlets go off, unless that is disabled", "[simulator]") {
    PduReader reader;
    reader.pdu.memory().set(11, 0xFFFF);
    reader.pdu.forcing().voltage = 290;
    CHECK(reader.state(1, 2s) == OutletState::on);
    reader.pdu.memory().set(11, 276);
    CHECK(reader.state(1, 4s) == OutletState::off);
    reader.pdu.forcing().voltage = 230;
    CHECK(reader.state(1, 6s) == OutletState::off);
}

TEST_CASE("a state can be shown that is not so", "[simulator]") {
    PduReader reader;
    reader.pdu.forcing().outlets[0].shows = 6;
    CHECK(reader.state(1, 1s) == OutletState::locked);
    CHECK(reader.watts(1s).outlets[0]->value() > 0);
}

TEST_CASE("figures that do not fit show the highest that does", "[simulator]") {
    PduReader reader;
    reader.pdu.forcing().outlets[4].load_w = 12'000;
    CHECK(reader.ask("QPW", 1s).substr(25, 4) == "9999");
    reader.pdu.forcing().temperature = -5.0;
    CHECK(reader.ask("QGS", 1s).ends_with(" -5.0"));
}

TEST_CASE("the PDU's memory holds what it leaves the factory with", "[simulator]") {
    PduReader reader;
    for (int address = 0; address < pdu::memory_words; ++address) {
        const auto query = pdu::memory_query(address);
        const auto values = decoded(pdu::decode_memory(address, reader.ask(query.c_str(), 0s)));
        REQUIRE_FALSE(values.empty());
        for (const auto& value : values) {
            INFO(value.setting->name);
            CHECK(value.in_range());
            if (value.setting->standard) {
                CHECK(value.value() == Approx(*value.setting->standard));
            }
        }
    }
    CHECK(reader.ask("QGM0;", 0s) == "0;0114");
    reader.pdu.memory().set(11, 0xABCD);
    CHECK(reader.ask("QGM0;", 0s) == "0;:;<=");
}

TEST_CASE("the PDU says who it is", "[simulator]") {
    PduReader reader;
    CHECK(decoded(decode_protocol_id(reader.ask("QPI", 0s))) == "PI90");
    CHECK(decoded(decode_firmware(reader.ask("QVFW", 0s))) == "00.15");
    CHECK(decoded(pdu::decode_model(reader.ask("QMD", 0s))).name == "PDU");
}
