// SPDX-License-Identifier: MIT
#include "backfill/sources/mqtt_source.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "backfill/sources/row_source.h"
#include "base/timestamp_text.h"
#include "document/event.h"
#include "document/metric_documents.h"
#include "events/pdu_watch.h"
#include "source_reading.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace std::chrono_literals;
using pwlog::test::read_all;
using pwlog::test::TempDir;

namespace {

const SampleContext context{{"pi4", "1.0", {}, true}, {}, {}};

std::unique_ptr<RecordSource> open_recording(const TempDir& folder, std::string_view text,
                                             const SourcePosition* from = nullptr,
                                             MqttDevices devices = {"rack1-pdu", "rack1-ats", ""}) {
    auto input = open_input(folder.write("recording", text).string());
    REQUIRE(input);
    auto source =
        open_mapped(read_rows(LineReader(std::move(*input)), make_mqtt_parser(std::move(devices))),
                    std::make_shared<History>(context), 2s, from);
    REQUIRE(source);
    return std::move(*source);
}

/// What one turn of the library's loop publishes, in its order; `print` makes a line of topic and
/// payload.
template <class Print>
std::string one_loop(int watts, const Print& print) {
    std::string text;
    for (int outlet = 1; outlet <= 8; ++outlet) {
        text += print(fmt::format("homelab/pdu/outlet/out{}", outlet),
                      fmt::format(R"({{"status": {}, "state": "{}", "restore_sec": 0, )"
                                  R"("shutdown_sec": {}}})",
                                  outlet == 8 ? 2 : 1, outlet == 8 ? "Shutdown active" : "On",
                                  outlet == 8 ? 25 : 0));
    }
    text += print("homelab/pdu/status",
                  R"({"in_hz": 50.0, "in_v": 229.7, "temp_c": 31.5, "low_in_voltage": 0, )"
                  R"("high_in_voltage": 0, "low_in_current": 0, "high_in_current": 1, )"
                  R"("pwr_fail_aux1": 0, "pwr_fail_aux2": 0})");
    text +=
        print("homelab/pdu/power/in", fmt::format(R"({{"w": {}, "va": 400, "a": 1.6}})", watts));
    for (int outlet = 1; outlet <= 8; ++outlet) {
        text += print(fmt::format("homelab/pdu/power/out{}", outlet),
                      fmt::format(R"({{"w": {}, "va": 50, "a": 0.2}})", outlet * 5));
    }
    text += print("homelab/ats/supply/src1",
                  R"({"v": 230.1, "hz": 50.0, "active": 1, "preferred": 1, "bad": 0})");
    text += print("homelab/ats/supply/src2",
                  R"({"v": 228.5, "hz": 49.9, "active": 0, "preferred": 0, "bad": 0})");
    text += print("homelab/ats/status",
                  R"({"temp_c": 35.0, "out_a": 2.2, "out_pct": 14.0, "sync_angle": 1.0, )"
                  R"("aux_pwr1_fail": 0, "aux_pwr2_fail": 0, "on_fault_mode": 0, )"
                  R"("overload_alarm": 0, "overload_fault": 0, "short_fault": 0, )"
                  R"("syncron_bad": 0})");
    text += print("homelab/alert", R"({"pdu_out1": 0, "pdu": 1, "ats_src1": 0, "ats": 0})");
    return text;
}

std::string escaped(std::string_view payload) {
    std::string text;
    for (const char c : payload) {
        text += c == '"' ? "\\\"" : std::string(1, c);
    }
    return text;
}

/// The reading that says what one_loop() says.
PduReading same_pdu_reading(int watts) {
    PduReading reading;
    reading.status.alarms.high_input_current = true;
    reading.status.input_voltage = Volts(229.7);
    reading.status.input_frequency = Hertz(50);
    reading.status.input_current = Amperes(1.6);
    reading.status.temperature = Celsius(31.5);
    reading.active_power.input = Watts(watts);
    reading.apparent_power.input = VoltAmperes(400);
    reading.countdowns.emplace();
    (*reading.countdowns)[7].shutdown_s = 25;
    for (std::size_t i = 0; i < 8; ++i) {
        reading.status.outlets[i] =
            i == 7 ? pdu::OutletState::shutdown_active : pdu::OutletState::on;
        reading.status.outlet_current[i] = Amperes(0.2);
        reading.active_power.outlets[i] = Watts(static_cast<int>(i + 1) * 5);
        reading.apparent_power.outlets[i] = VoltAmperes(50);
    }
    return reading;
}

AtsReading same_ats_reading() {
    AtsReading reading;
    reading.measurements.sources[0] = {Volts(230.1), Hertz(50)};
    reading.measurements.sources[1] = {Volts(228.5), Hertz(49.9)};
    reading.measurements.load = Percent(14);
    reading.measurements.output_current = Amperes(2.2);
    reading.measurements.sync_angle = Degrees(1);
    reading.measurements.temperature = Celsius(35);
    reading.status.on_source1 = true;
    return reading;
}

std::string without_duration(std::string json) {
    const auto at = json.find(",\"duration\":0");
    return at == json.npos ? json : json.erase(at, 13);
}

}  // namespace

TEST_CASE("a recording in each of mosquitto_sub's forms becomes the documents of live readings",
          "[backfill]") {
    const TempDir folder;
    const int form = GENERATE(0, 1, 2, 3);
    const auto print = [&](const std::string& topic, const std::string& payload) {
        switch (form) {
            case 0:
                return fmt::format("2026-11-22T18:00:05+0100 {} {}\n", topic, payload);
            case 1:
                return fmt::format("1795366805.000980448 {} {}\n", topic, payload);
            case 2:
                return fmt::format(R"({{"tst":"2026-11-22T18:00:05.000067Z+0100","topic":"{}",)"
                                   R"("qos":0,"retain":0,"payloadlen":1,"payload":"{}"}})"
                                   "\n",
                                   topic, escaped(payload));
            default:
                return fmt::format(R"({{"tst":"2026-11-22T18:00:05.000067Z+0100","topic":"{}",)"
                                   R"("qos":0,"retain":0,"payloadlen":1,"payload":{}}})"
                                   "\n",
                                   topic, payload);
        }
    };
    const auto records = read_all(*open_recording(folder, one_loop(300, print)));
    const auto time = *parse_rfc3339("2026-11-22T17:00:05Z");
    PduContext pdu;
    pdu.device.id = "rack1-pdu";
    AtsContext ats;
    ats.device.id = "rack1-ats";
    auto expected = pdu_documents(context.origin, pdu, same_pdu_reading(300), time, {});
    expected.push_back(
        ats_document(context.origin, ats, same_ats_reading(), time, std::chrono::milliseconds(0)));
    // The reading has an alarm, which live is told first, too.
    PduWatch watch(pdu.device, {});
    auto status = same_pdu_reading(300).status;
    status.bits = "0001000011111112";
    const auto events = watch.update(status, time, false);
    REQUIRE(events.size() == 1);
    expected.insert(expected.begin(), event_document(context.origin, events.front(), time));
    CHECK(records.front().id == expected.front().id);
    REQUIRE(records.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK(records[i].kind == SourceRecord::Kind::document);
        CHECK(records[i].text == without_duration(expected[i].json));
    }
}

TEST_CASE("the oldest topics hold plain watts", "[backfill]") {
    const TempDir folder;
    const auto records = read_all(
        *open_recording(folder,
                        "1700000000 homelab/power/in_w 55\n1700000000 homelab/power/out1_w 7\n"
                        "1700000060 homelab/power/in_w 56\n"));
    REQUIRE(records.size() == 3);
    CHECK_THAT(records[0].text, Catch::EndsWith(R"("powerwalker":{"pdu":{"power_w":55}}})"));
    CHECK_THAT(records[1].text,
               Catch::EndsWith(
                   R"("outlet":{"number":1,"name":"outlet 1","power_w":7,"interval_s":0.0}}})"));
    CHECK(records[2].facts.time - records[0].facts.time == 60s);
}

TEST_CASE("loops follow each other at any pace without mixing", "[backfill]") {
    const TempDir folder;
    std::string text;
    for (int i = 0; i < 20; ++i) {
        text += one_loop(100 + i, [&](const std::string& topic, const std::string& payload) {
            return fmt::format("{}.{:03} {} {}\n", 1700000000 + i * 3 / 2, i % 2 * 500, topic,
                               payload);
        });
    }
    const auto all = read_all(*open_recording(folder, text));
    REQUIRE(all.size() == 200 + 1);
    CHECK(all.front().facts.kind == DocumentKind::events);  // its alarm, once
    int pdus = 0;
    for (const auto& record : all) {
        if (record.facts.kind == DocumentKind::pdu) {
            CHECK_THAT(record.text, Catch::Contains(fmt::format("\"power_w\":{},", 100 + pdus++)));
        }
    }
    CHECK(pdus == 20);
    for (std::size_t i = 0; i < all.size(); i += 7) {
        const auto rest = read_all(*open_recording(folder, text, &all[i].position));
        REQUIRE(rest.size() == all.size() - i - 1);
        for (std::size_t k = 0; k < rest.size(); ++k) {
            REQUIRE(rest[k].text == all[i + 1 + k].text);
        }
    }
}

TEST_CASE("other topics, alerts, commands and retained messages are ignored", "[backfill]") {
    const TempDir folder;
    const auto source = open_recording(
        folder,
        "homelab/pdu/power/out1,\"{\"\"w\"\": 5}\",1,True,1700000000.5,0\n"
        "1700000000 $CONNECTED/pi 1\n1700000000 zigbee2mqtt/lamp {\"state\":\"ON\"}\n"
        "1700000000 homelab/alert {\"pdu\":1}\n1700000000 homelab/pdu/outlet/out1/set 1\n"
        R"({"tst":"2026-11-22T18:00:05Z+0100","topic":"homelab/pdu/status","qos":0,"retain":1,)"
        R"("payload":"{}"})"
        "\n");
    CHECK(read_all(*source).empty());
    CHECK(source->ignored_lines() == 6);
}

TEST_CASE("a message that cannot be is refused alone", "[backfill]") {
    const TempDir folder;
    const auto records =
        read_all(*open_recording(folder,
                                 "homelab/pdu/power/in {\"w\":1}\n"
                                 "1700000000 homelab/pdu/power/in {\"w\":\"many\"}\n"
                                 "1700000000 homelab/pdu/power/in {\"w\":5\n"
                                 "yesterday homelab/pdu/power/in {\"w\":5}\n"
                                 "{\"tst\":\n"
                                 "1700000000 homelab/pdu/power/in {\"w\":6}\n"));
    REQUIRE(records.size() == 6);
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(records[i].kind == SourceRecord::Kind::bad);
        CHECK(records[i].line == i + 1);
    }
    CHECK_THAT(records[0].reason, Catch::Contains("mosquitto_sub -R -F"));
    CHECK_THAT(records[1].reason, Catch::Contains("power_w: 'many' is not a number"));
    CHECK(records[5].kind == SourceRecord::Kind::document);
}

TEST_CASE("two loggers in one recording, or a device without a name, end the run", "[backfill]") {
    const TempDir folder;
    const std::string text =
        "1700000000 a/pdu/power/in {\"w\":1}\n1700000000 b/pdu/power/in {\"w\":2}\n";
    SourceRecord record;
    const auto failed = open_recording(folder, text)->next(record);
    REQUIRE_FALSE(failed);
    CHECK_THAT(failed.error().message, Catch::Contains("--prefix"));
    const auto records = read_all(*open_recording(folder, text, nullptr, {"p", "", "b"}));
    REQUIRE(records.size() == 1);
    CHECK_THAT(records[0].text, Catch::Contains("\"power_w\":2"));
    const auto unnamed = open_recording(folder, text, nullptr, {"", "", "b"})->next(record);
    REQUIRE_FALSE(unnamed);
    CHECK_THAT(unnamed.error().message, Catch::Contains("--pdu ID"));
}

TEST_CASE("a recording of all devices of one logger is read at once", "[backfill]") {
    const TempDir folder;
    const std::string text =
        "1700000000 homelab/pdu3/pdu/power/in {\"w\":3}\n"
        "1700000000.1 homelab/pdu/power/in {\"w\":1}\n"
        "1700000000.2 homelab/pdu2/pdu/power/out1 {\"w\":2}\n"
        "1700000000.3 homelab/ats/status {\"temp_c\":35.0}\n"
        "1700000000.4 homelab/ups2/ups/battery.charge 87\n";
    MqttDevices devices{"pdu1", "ats1", "", "ups1"};
    devices.pdus = {"pdu1", "pdu2", "pdu3"};
    devices.upses = {"ups1", "ups2"};
    const auto check_devices = [&] {
        const auto records = read_all(*open_recording(folder, text, nullptr, devices));
        REQUIRE(records.size() == 5);
        std::size_t at = 0;
        for (const auto* const id : {"pdu3", "pdu1", "pdu2", "ats1", "ups2"}) {
            CHECK_THAT(records[at++].text, Catch::Contains(fmt::format(R"("id":"{}")", id)));
        }
    };
    check_devices();
    devices.prefix = "homelab";
    check_devices();
    devices.prefix = "homelab/pdu3";
    CHECK(read_all(*open_recording(folder, text, nullptr, devices)).size() == 1);
    devices.prefix.clear();
    const auto other = "1700000000.5 homelab/pdu4/pdu/power/in {\"w\":4}\n" + text;
    SourceRecord record;
    CHECK_FALSE(open_recording(folder, other, nullptr, devices)->next(record));
}

TEST_CASE("no sample of a fleet is cut in two, however long the recording is", "[backfill]") {
    constexpr int count = 60;
    constexpr int ticks = 16;
    const TempDir folder;
    MqttDevices devices{"pdu0", "", ""};
    std::string text;
    for (int tick = 0; tick < ticks; ++tick) {
        for (int device = 0; device < count; ++device) {
            const auto id = fmt::format("pdu{}", device);
            devices.pdus.insert(id);
            const auto above = fmt::format("{}.{:03} P{}/pdu", 1'700'000'000 + tick * 10, device,
                                           device == 0 ? "" : "/" + id);
            for (const auto* const channel : {"in", "out1", "out2", "out3", "out4"}) {
                text += fmt::format("{}/power/{} {{\"w\":{},\"va\":30,\"a\":0.1}}\n", above,
                                    channel, tick);
                text += fmt::format("{}/energy/{} {{\"kwh\":{}}}\n", above, channel, 100 + tick);
                if (channel != std::string_view("in")) {
                    text += fmt::format("{}/outlet/{} {{\"status\":1}}\n", above, channel);
                }
            }
        }
    }
    const auto records = read_all(*open_recording(folder, text, nullptr, devices));
    CHECK(records.size() == std::size_t{count} * ticks * 5);
    CHECK(std::all_of(records.begin(), records.end(), [](const auto& record) {
        const bool is_outlet = record.text.find("powerwalker.outlet") != std::string::npos;
        return record.text.find("\"power_w\":") != std::string::npos &&
               (!is_outlet || record.text.find("\"state\":") != std::string::npos);
    }));
}

TEST_CASE("of two variables of a UPS for one field that of the UPS itself counts", "[backfill]") {
    const std::vector<std::pair<std::string, std::string>> variables{
        {"battery.temperature", "31.5"}, {"output.realpower", "60"}, {"ups.load", "12"},
        {"ups.realpower", "61"},         {"ups.status", "OL"},       {"ups.temperature", "25.0"}};
    const bool backwards = GENERATE(false, true);
    const auto apart = GENERATE(0, 1);  // ms
    std::string text;
    for (int turn = 0; turn < 3; ++turn) {
        for (std::size_t i = 0; i < variables.size(); ++i) {
            const auto& [name, value] = variables[backwards ? variables.size() - 1 - i : i];
            text += fmt::format("{}.{:03} homelab/ups/{} {}\n", 1790000000 + 10 * turn,
                                static_cast<int>(i) * apart, name, value);
        }
    }
    const TempDir folder;
    MqttDevices devices{"", "", ""};
    devices.ups = "u1";
    const auto records = read_all(*open_recording(folder, text, nullptr, devices));
    REQUIRE(records.size() == 3);
    for (const auto& record : records) {
        INFO(record.text);
        CHECK(record.kind == SourceRecord::Kind::document);
        CHECK(record.text.find("\"power_w\":61") != std::string::npos);
        CHECK(record.text.find("\"temperature_c\":25.0") != std::string::npos);
        CHECK(record.text.find("\"load_pct\":0.12") != std::string::npos);
    }
}

TEST_CASE("where a UPS has only the second variable for a field it counts", "[backfill]") {
    std::string text;
    for (int turn = 0; turn < 3; ++turn) {
        text += fmt::format("{}.000 homelab/ups/battery.temperature 3{}\n", 1790000000 + 10 * turn,
                            turn);
        text += fmt::format("{}.001 homelab/ups/ups.status OL\n", 1790000000 + 10 * turn);
    }
    const TempDir folder;
    MqttDevices devices{"", "", ""};
    devices.ups = "u1";
    const auto records = read_all(*open_recording(folder, text, nullptr, devices));
    REQUIRE(records.size() == 3);
    CHECK(records[2].text.find("\"temperature_c\":32.0") != std::string::npos);
}
