// SPDX-License-Identifier: MIT
#include "document/document.h"

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <catch2/catch.hpp>
#include <string>

#include "samples.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

const Origin origin{"pi", "0.1.0", {{"site", "home"}}, true};
const Timestamp time_of_sample{
    std::chrono::milliseconds(1795366645123)};  // 2026-11-22T16:57:25.123Z

rapidjson::Document parse(const std::string& json) {
    rapidjson::Document document;
    document.Parse(json.c_str());
    REQUIRE_FALSE(document.HasParseError());
    return document;
}

/// The value at `pointer` as JSON text; empty if absent.
std::string at(const rapidjson::Document& document, const char* pointer) {
    const auto* value = rapidjson::Pointer(pointer).Get(document);
    if (value == nullptr) {
        return "";
    }
    if (value->IsString()) {
        return value->GetString();
    }
    if (value->IsBool()) {
        return value->GetBool() ? "true" : "false";
    }
    return value->IsInt64() ? std::to_string(value->GetInt64())
                            : std::to_string(value->GetDouble());
}

}  // namespace

TEST_CASE("the month's index is that of the document's own time", "[document]") {
    CHECK(index_name(Family::metrics, time_of_sample) == "powerwalker-metrics-2026.11");
    CHECK(index_name(Family::events, Timestamp(std::chrono::milliseconds(1577836799999))) ==
          "powerwalker-events-2019.12");
    CHECK(index_name(Family::metrics, Timestamp(std::chrono::milliseconds(1577836800000))) ==
          "powerwalker-metrics-2020.01");
    CHECK(format_time(time_of_sample) == "2026-11-22T16:57:25.123Z");
}

TEST_CASE("the captured PDU answers become nine documents", "[document]") {
    PduContext context;
    context.device = {"rack1-pdu", "PDU"};
    context.outlet_names[1] = "nas";
    context.outlet_alarm[1] = Amperes(2.0);
    context.tariff = flat_tariff(0.31, "EUR");
    PduEnergyMeter::Intervals energy;
    energy.input = IntervalEnergy{0.6833, false};
    energy.outlets[1] = IntervalEnergy{100, true, time_of_sample - std::chrono::hours(1), true};
    energy.outlets[2] =
        IntervalEnergy{0.03, false, time_of_sample - std::chrono::milliseconds(9998)};
    const auto documents =
        pdu_documents(origin, context, captured_pdu_reading(), time_of_sample, energy);
    REQUIRE(documents.size() == 9);

    const auto input = parse(documents[0].json);
    CHECK(documents[0].id == "rack1-pdu/powerwalker.pdu/0/1795366645123");
    CHECK(at(input, "/@timestamp") == "2026-11-22T16:57:25.123Z");
    CHECK(at(input, "/event/dataset") == "powerwalker.pdu");
    CHECK(at(input, "/event/kind") == "metric");
    CHECK(at(input, "/event/duration") == "1130000000");
    CHECK(at(input, "/labels/site") == "home");
    CHECK(at(input, "/powerwalker/pdu/input_v") == "222.500000");
    CHECK(at(input, "/powerwalker/pdu/power_w") == "246");
    CHECK(at(input, "/powerwalker/pdu/power_va") == "336");
    CHECK(at(input, "/powerwalker/pdu/power_factor") == "0.732100");
    CHECK(at(input, "/powerwalker/pdu/energy_kwh") == "701.700000");
    CHECK(at(input, "/powerwalker/pdu/load_pct") == "0.131300");
    CHECK(at(input, "/powerwalker/pdu/cost") == "0.000212");
    CHECK(at(input, "/powerwalker/pdu/alarm/low_input_voltage") == "false");
    CHECK(at(input, "/event/clock").empty());

    const auto second = parse(documents[2].json);
    CHECK(documents[2].id == "rack1-pdu/powerwalker.outlet/2/1795366645123");
    CHECK(at(second, "/powerwalker/outlet/number") == "2");
    CHECK(at(second, "/powerwalker/outlet/name") == "nas");
    CHECK(at(second, "/powerwalker/outlet/state") == "on");
    CHECK(at(second, "/powerwalker/outlet/state_code") == "1");
    CHECK(at(second, "/powerwalker/outlet/current_a") == "0.300000");
    CHECK(at(second, "/powerwalker/outlet/power_w") == "42");
    CHECK(at(second, "/powerwalker/outlet/load_pct") == "0.150000");
    CHECK(at(second, "/powerwalker/outlet/interval_from_counter") == "true");

    const auto first = parse(documents[1].json);
    CHECK(at(first, "/powerwalker/outlet/name") == "outlet 1");
    CHECK(at(first, "/powerwalker/outlet/power_factor").empty());  // 0 W of 0 VA says nothing
    CHECK(at(first, "/powerwalker/outlet/interval_wh").empty());
    CHECK(at(first, "/powerwalker/outlet/shutdown_s").empty());
    // How long a state lasted: neither before the first sample nor in a gap.
    CHECK(at(first, "/powerwalker/outlet/interval_s") == "0.000000");
    CHECK(at(second, "/powerwalker/outlet/interval_s") == "0.000000");
    CHECK(at(parse(documents[3].json), "/powerwalker/outlet/interval_s") == "9.998000");
}

TEST_CASE("a number keeps the digits it had on the wire", "[document]") {
    PduContext context;
    auto reading = captured_pdu_reading();
    reading.status.input_voltage = Volts(229.9);
    const auto documents = pdu_documents(origin, context, reading, time_of_sample, {});
    CHECK(documents[0].json.find("\"input_v\":229.9,") != std::string::npos);
    CHECK(documents[0].json.find("\"energy_kwh\":701.7,") != std::string::npos);
}

TEST_CASE("what the device does not say is an absent field, never zero", "[document]") {
    auto reading = captured_ats_reading();
    reading.measurements = *ats::decode_measurements("223.7 50.0 ---.- --.- 013 002.2 001 35.0");
    const auto document =
        parse(ats_document(origin, {{"rack1-ats", ""}, {}}, reading, time_of_sample).json);
    CHECK(at(document, "/powerwalker/ats/source1_v") == "223.700000");
    CHECK(at(document, "/powerwalker/ats/source2_v").empty());
    CHECK(at(document, "/powerwalker/ats/source2_hz").empty());
    CHECK(at(document, "/device/model/name").empty());
}

TEST_CASE("a sample of an ATS stands for the time since the one before, unless that is a gap",
          "[document]") {
    using std::chrono::milliseconds;
    using std::chrono::minutes;
    using std::chrono::seconds;
    CHECK(interval_since(time_of_sample - milliseconds(9998), time_of_sample, seconds(30)) ==
          milliseconds(9998));
    CHECK(interval_since(time_of_sample - minutes(5), time_of_sample, minutes(15)) == minutes(5));
    CHECK(interval_since(time_of_sample - seconds(31), time_of_sample, seconds(30)) == seconds(0));
    CHECK(interval_since(time_of_sample, time_of_sample, seconds(30)) == seconds(0));
    CHECK(interval_since(time_of_sample + seconds(1), time_of_sample, seconds(30)) == seconds(0));
    CHECK(interval_since(std::nullopt, time_of_sample, seconds(30)) == seconds(0));

    const AtsContext context{{"rack1-ats", ""}, {}};
    const auto reading = captured_ats_reading();
    const auto one = [&](auto... more) {
        return parse(ats_document(origin, context, reading, time_of_sample, more...).json);
    };
    CHECK(at(one(milliseconds(9998)), "/powerwalker/ats/interval_s") == "9.998000");
    CHECK(at(one(milliseconds(0)), "/powerwalker/ats/interval_s") == "0.000000");
    // The readings around a transfer lie between two samples.
    CHECK(at(one(), "/powerwalker/ats/interval_s").empty());
    Sample dense = sample_of(reading, time_of_sample);
    dense.values.set(Field::ats_capsule, true);
    derive(dense, context, seconds(1));
    CHECK_FALSE(dense.values.number(Field::ats_interval_s));
}

TEST_CASE("the captured ATS answers become one document", "[document]") {
    const auto whole =
        ats_document(origin, {{"rack1-ats", "ATS"}, {}}, captured_ats_reading(), time_of_sample);
    CHECK(whole.id == "rack1-ats/powerwalker.ats/0/1795366645123");
    const auto document = parse(whole.json);
    CHECK(at(document, "/powerwalker/ats/active_source") == "1");
    CHECK(at(document, "/powerwalker/ats/preferred_source") == "1");
    CHECK(at(document, "/powerwalker/ats/load_pct") == "0.130000");
    CHECK(at(document, "/powerwalker/ats/sync_angle_deg") == "1");
    CHECK(at(document, "/powerwalker/ats/redundant") == "true");
    CHECK(at(document, "/powerwalker/ats/source2_wave_bad") == "false");
}

TEST_CASE("redundancy needs a good standby source in step", "[document]") {
    AtsContext context;
    auto reading = captured_ats_reading();
    CHECK(is_redundant(reading, context));
    SECTION("the standby source is bad") { reading.status.sources[1].freq_bad = true; }
    SECTION("out of step, says the device") { reading.status.sync_bad = true; }
    SECTION("the angle is beyond the setting") {
        context.acceptable_phases = Degrees(10);
        reading.measurements.sync_angle = Degrees(11);
    }
    SECTION("the switch is in fault mode") { reading.status.fault_mode = true; }
    SECTION("the output hangs on neither") { reading.status.on_source1 = false; }
    CHECK_FALSE(is_redundant(reading, context));
}

TEST_CASE("a device that takes over at any angle is redundant out of step", "[document]") {
    auto reading = captured_ats_reading();
    reading.status.sync_bad = true;
    reading.measurements.sync_angle = Degrees(170);
    AtsContext context;
    context.acceptable_phases = Degrees(0);
    CHECK(is_redundant(reading, context));
    reading.status.sources[1].wave_bad = true;
    CHECK_FALSE(is_redundant(reading, context));
}

TEST_CASE("the active source being bad does not end redundancy", "[document]") {
    auto reading = captured_ats_reading();
    reading.status.sources[0].voltage_bad = true;
    CHECK(is_redundant(reading, {}));
}

TEST_CASE("an unsynchronised clock marks the documents", "[document]") {
    auto unsure = origin;
    unsure.clock_synchronised = false;
    const auto document = parse(logger_document(unsure, {}, time_of_sample).json);
    CHECK(at(document, "/event/clock") == "unsynchronised");
    CHECK(at(document, "/device/id") == "logger.pi");
}

TEST_CASE("an event has an identity of device, action and millisecond", "[document]") {
    Event event;
    event.device = {"rack1-ats", "ATS"};
    event.action = "device_reachable";
    event.message = "rack1-ats answers again";
    event.start = time_of_sample - std::chrono::seconds(5);
    event.end = time_of_sample;
    const auto document = event_document(origin, event, time_of_sample);
    CHECK(document.id == "rack1-ats/device_reachable/1795366645123");
    const auto json = parse(document.json);
    CHECK(at(json, "/event/kind") == "event");
    CHECK(at(json, "/event/duration") == "5000000000");
    CHECK(at(json, "/event/id") == document.id);
    CHECK(at(json, "/message") == "rack1-ats answers again");
}

TEST_CASE("an event that lasted longer than nanoseconds can tell has no duration", "[document]") {
    Event event;
    event.action = "device_reachable";
    event.start = time_of_sample;
    event.end = time_of_sample + std::chrono::years(292);
    const auto with = parse(event_document(origin, event, time_of_sample).json);
    CHECK(at(with, "/event/duration") == "9214629984000000000");
    event.end = time_of_sample + std::chrono::years(600);
    const auto without = event_document(origin, event, time_of_sample).json;
    CHECK(without.find("duration") == std::string::npos);
    CHECK(without.find("\"end\":\"2626-") != std::string::npos);
}
