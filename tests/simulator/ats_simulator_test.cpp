// SPDX-License-Identifier: MIT
#include "simulator/ats_simulator.h"

#include <catch2/catch.hpp>

#include "decoded.h"
#include "model_time.h"
#include "protocol/identity.h"
#include "protocol/memory.h"

using namespace pwlog;
using namespace std::chrono_literals;
using simulator::AtsSimulator;
using test::after;
using test::decoded;
using test::model_start;

namespace {

struct AtsReader {
    AtsSimulator ats{9, model_start};

    std::string ask(const char* command, std::chrono::milliseconds passed) {
        return ats.answer(command, after(passed)).value_or("silence");
    }
    ats::Measurements measurements(std::chrono::milliseconds passed) {
        return decoded(ats::decode_measurements(ask("QATS", passed)));
    }
    ats::Status status(std::chrono::milliseconds passed) {
        return decoded(ats::decode_status(ask("QAS", passed)));
    }
    int active(std::chrono::milliseconds passed) { return status(passed).active_source(); }
};

/// One that only fails when it is told to.
AtsReader steady_reader() {
    AtsReader reader;
    reader.ats.forcing().own_failures = false;
    return reader;
}

}  // namespace

TEST_CASE("all through a day every answer of the ATS is whole, and its bits fit its figures",
          "[simulator]") {
    AtsReader reader;
    int transfers = 0;
    int active = 1;
    for (int second = 0; second < 24 * 3600; second += 5) {
        const auto now = std::chrono::seconds(second) + 21ms;
        const auto measured = reader.measurements(now);
        const auto status = reader.status(now);
        REQUIRE(status.sources[0].voltage_bad == (measured.sources[0].voltage->value() < 180));
        REQUIRE_FALSE(status.sources[1].bad());
        REQUIRE(measured.sources[1].voltage->value() >= 222);
        REQUIRE(measured.sources[1].voltage->value() <= 238);
        REQUIRE(status.active_source() != 0);
        REQUIRE_FALSE(
            status.sources.at(static_cast<std::size_t>(status.active_source()) - 1).bad());
        REQUIRE(measured.load->value() ==
                Approx(measured.output_current->value() / 16 * 100).margin(1.5));
        transfers += status.active_source() != active ? 1 : 0;
        active = status.active_source();
    }
    CHECK(transfers > 2 * 24 * 3);  // to source 2 and back, about every quarter of an hour
    CHECK(transfers < 2 * 24 * 5);
}

TEST_CASE("a source that fails hands over at once and is taken back after ten good seconds",
          "[simulator]") {
    auto reader = steady_reader();
    CHECK(reader.active(1min) == 1);
    reader.ats.fail_source(0, 30s);
    const auto failed = reader.status(1min + 1s);
    CHECK(failed.sources[0] == ats::SourceBits{true, true, true});
    CHECK(failed.active_source() == 2);
    CHECK(reader.measurements(1min + 1s).sources[0].voltage->value() == 0);
    CHECK(reader.measurements(1min + 1s).output_current->value() > 0);
    CHECK(reader.active(1min + 29s) == 2);
    CHECK_FALSE(reader.status(1min + 30s).sources[0].bad());
    CHECK(reader.active(1min + 39s) == 2);
    CHECK(reader.active(1min + 41s) == 1);
}

TEST_CASE("with both sources gone the output hangs on neither", "[simulator]") {
    auto reader = steady_reader();
    reader.ats.fail_source(0, std::nullopt);
    reader.ats.fail_source(1, std::nullopt);
    CHECK(reader.active(10min) == 0);
    CHECK(reader.measurements(10min).output_current->value() == 0);
    CHECK(reader.measurements(10min).load->value() == 0);
    reader.ats.restore_source(1);
    CHECK(reader.active(10min + 1s) == 2);
}

TEST_CASE("a voltage is bad beyond its limit of loss and until the limit to come back",
          "[simulator]") {
    auto reader = steady_reader();
    auto& voltage = reader.ats.forcing().sources[0].voltage;
    const auto bad = [&](double volts, std::chrono::seconds now) {
        voltage = volts;
        return reader.status(now).sources[0].voltage_bad;
    };
    CHECK_FALSE(bad(180, 1s));
    CHECK(bad(179.9, 2s));
    CHECK(bad(189.9, 3s));
    CHECK_FALSE(bad(190, 4s));
    CHECK_FALSE(bad(258, 5s));
    CHECK(bad(258.1, 6s));
    CHECK(bad(250, 7s));
    CHECK_FALSE(bad(248, 8s));
    reader.ats.memory().set(2, 230);
    reader.ats.memory().set(3, 235);
    CHECK(bad(229, 9s));
}

TEST_CASE("a frequency whose limit to come back is 0 comes back at the limit of loss",
          "[simulator]") {
    auto reader = steady_reader();
    reader.ats.forcing().sources[1].frequency = 55.5;
    CHECK(reader.status(1s).sources[1] == ats::SourceBits{false, true, false});
    reader.ats.forcing().sources[1].frequency = 54.9;
    CHECK_FALSE(reader.status(2s).sources[1].freq_bad);
}

TEST_CASE("a bad wave hands over, too", "[simulator]") {
    auto reader = steady_reader();
    reader.ats.forcing().sources[0].bad_wave = true;
    CHECK(reader.status(1s).sources[0] == ats::SourceBits{false, false, true});
    CHECK(reader.active(1s) == 2);
}

TEST_CASE("the preferred source gets the output when it is good", "[simulator]") {
    auto reader = steady_reader();
    reader.ats.forcing().preferred = 2;
    const auto status = reader.status(1min);
    CHECK(status.source2_preferred);
    CHECK(status.active_source() == 2);
}

TEST_CASE("load, overload and angle follow the memory's limits", "[simulator]") {
    auto reader = steady_reader();
    auto& forced = reader.ats.forcing();
    CHECK_FALSE(reader.status(1s).overload_alarm);
    forced.load_w = 4000;
    CHECK(reader.status(1s).overload_alarm);
    CHECK_FALSE(reader.status(1s).overload_fault);
    reader.ats.memory().set(17, 120);
    CHECK(reader.status(1s).overload_fault);
    CHECK(reader.status(1s).fault_mode);
    forced.sync_angle = 20;
    CHECK_FALSE(reader.status(1s).sync_bad);
    reader.ats.memory().set(18, 15);
    CHECK(reader.status(1s).sync_bad);
    CHECK(reader.measurements(1s).sync_angle->value() == 20);
}

TEST_CASE("any bit of QAS can be forced", "[simulator]") {
    auto reader = steady_reader();
    reader.ats.forcing().bits[10] = true;
    reader.ats.forcing().bits[7] = false;
    CHECK(reader.ask("QAS", 1s) == "000000000010000000000000");
}

TEST_CASE("the ATS says who it is and what it is made for", "[simulator]") {
    AtsReader reader;
    CHECK(decoded(decode_protocol_id(reader.ask("QPI", 0s))) == "PI97");
    CHECK(decoded(decode_firmware(reader.ask("QVFW", 0s))) == "00181.00");
    CHECK(decoded(ats::decode_ratings(reader.ask("QRI", 0s))).battery_voltage == std::nullopt);
    for (const char* command : {"X", "QGS", "S,8.1", "GM0021", "GM00", "QGM00", "qats"}) {
        CHECK(reader.ask(command, 0s) == "NAK");
    }
    CHECK(reader.ats.answer("", after(0s)) == std::nullopt);
}

TEST_CASE("the ATS's memory holds what it leaves the factory with", "[simulator]") {
    AtsReader reader;
    for (int address = 0; address < ats::memory_words; ++address) {
        const auto query = ats::memory_query(address);
        const auto values = decoded(ats::decode_memory(address, reader.ask(query.c_str(), 0s)));
        REQUIRE(values.size() == 1);
        CHECK(values[0].value() == values[0].setting->standard);
    }
}
