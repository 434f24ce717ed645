// SPDX-License-Identifier: MIT
#include "samples.h"

#include <iterator>

#include "events/ats_watch.h"
#include "events/logger_watch.h"
#include "events/pdu_watch.h"
#include "events/reachability.h"
#include "events/settings_watch.h"
#include "events/switch_request.h"
#include "sampling/ups_document.h"

namespace pwlog::test {

PduReading captured_pdu_reading() {
    PduReading reading;
    reading.time.duration = std::chrono::milliseconds(1130);
    reading.status = *pdu::decode_status(
        "0000000011111111 222.5 49.8 02.1 00.0 00.3 00.5 00.4 00.1 00.2 00.2 00.3 36.0");
    reading.active_power =
        *pdu::decode_active_power("0246 0000 0042 0000 0080 0030 0044 0031 0000");
    reading.apparent_power =
        *pdu::decode_apparent_power("0336 0000 0078 0000 0089 0034 0050 0063 0000");
    reading.energy = *pdu::decode_energy(
        "000701.7 000000.0 000100.9 000011.8 000110.6 000198.8 000103.9 000046.2 000019.8");
    return reading;
}

AtsReading captured_ats_reading() {
    AtsReading reading;
    reading.time.duration = std::chrono::milliseconds(320);
    reading.measurements = *ats::decode_measurements("223.7 50.0 223.7 50.0 013 002.2 001 35.0");
    reading.status = *ats::decode_status("000000010000000000000000");
    return reading;
}

namespace {

constexpr Timestamp first{std::chrono::milliseconds(1795366645123)};

void append(std::vector<Event>& events, std::vector<Event> more) {
    std::move(more.begin(), more.end(), std::back_inserter(events));
}

void add_pdu_events(std::vector<Event>& events) {
    PduWatch watch({"rack1-pdu", "PDU"}, {});
    auto reading = captured_pdu_reading();
    append(events, watch.update(reading.status, first, false));
    append(events, watch.update_meters(reading, first, false));
    reading.status = *pdu::decode_status(
        "1100000011511111 222.5 49.8 02.1 00.0 00.3 00.5 00.4 00.1 00.2 00.2 00.3 36.0");
    append(events, watch.update(reading.status, first + std::chrono::seconds(1), true));
    reading.energy.input = KilowattHours(0);
    reading.apparent_power.outlets[1] = VoltAmperes(1);
    for (int minute = 1; minute <= 12; ++minute) {
        append(events, watch.update_meters(reading, first + std::chrono::minutes(minute), true));
    }
    SettingsWatch settings({"rack1-pdu", "PDU"});
    append(events, settings.update("low_input_voltage_alarm", "196", "V"));
    append(events, settings.update("low_input_voltage_alarm", "200", "V"));
    SwitchRequest request;
    request.device = {"rack1-pdu", "PDU"};
    request.outlet = OutletTag{8, "printer"};
    request.requested_by = "anna";
    request.method = "mqtt";
    request.command = "cycle";
    request.delay = std::chrono::seconds(30);
    request.restore_after = std::chrono::seconds(60);
    request.digits_before = "11111111";
    request.digits_after = "11111112";
    events.push_back(switch_request_event(request));
}

void add_ats_events(std::vector<Event>& events) {
    AtsWatch watch({"rack1-ats", "ATS"});
    const AtsContext context{{"rack1-ats", "ATS"}, Degrees(10)};
    auto reading = captured_ats_reading();
    append(events, watch.update(reading, context, first, false));
    reading.status = *ats::decode_status("111000101000000000000000");
    append(events, watch.update(reading, context, first + std::chrono::seconds(1), true));
    reading.status = *ats::decode_status("111000100000000000000000");
    append(events, watch.update(reading, context, first + std::chrono::seconds(2), true));
    reading.status = *ats::decode_status("000000010000000000000000");
    append(events, watch.update(reading, context, first + std::chrono::seconds(9), true));
}

void add_reading_and_logger_events(std::vector<Event>& events) {
    Reachability reachability({"rack1-pdu", "PDU"}, "/dev/pdu");
    append(events, reachability.failed({ErrorKind::timeout, "nothing came"}, first));
    append(events, reachability.failed({ErrorKind::wrong_device, "PI97"}, first));
    append(events, reachability.succeeded(first + std::chrono::seconds(9), true));
    LoggerWatch logger({"logger.pi", ""});
    events.push_back(logger.started("0.1.0", "pi", first));
    events.push_back(*logger.clock_is(false, first));
    events.push_back(*logger.dropped(9, first));
    events.push_back(logger.stopped("pi", "asked to stop", first + std::chrono::seconds(9)));
}

}  // namespace

std::vector<Event> every_event() {
    std::vector<Event> events;
    add_pdu_events(events);
    add_ats_events(events);
    add_reading_and_logger_events(events);
    return events;
}

std::vector<Document> fullest_documents() {
    const Origin origin{"pi", "0.1.0", {{"site", "home"}}, false};
    const Timestamp time{std::chrono::milliseconds(1795366645123)};
    PduContext pdu_context;
    pdu_context.device = {"rack1-pdu", "PDU"};
    pdu_context.outlet_alarm.fill(Amperes(2.0));
    pdu_context.tariff = flat_tariff(0.31, "EUR");
    PduEnergyMeter::Intervals energy;
    energy.input = IntervalEnergy{0.6833, true};
    energy.outlets.fill(energy.input);
    auto pdu_reading = captured_pdu_reading();
    pdu_reading.countdowns = pdu::Countdowns{};

    Extremes pdu_extremes;
    pdu_extremes.add(samples_of(pdu_reading, time));
    Extremes ats_extremes;
    ats_extremes.add(sample_of(captured_ats_reading(), time));

    auto documents = pdu_documents(origin, pdu_context, pdu_reading, time, energy, pdu_extremes);
    documents.push_back(ats_document(origin, {{"rack1-ats", "ATS"}, Degrees(20)},
                                     captured_ats_reading(), time, std::chrono::seconds(10),
                                     ats_extremes, "rack1-ats/transfer/1"));
    UpsReading ups;
    ups.status = "OL CHRG";
    ups.charge_percent = 87;
    ups.load_percent = 23;
    ups.runtime_s = 1320;
    ups.input_voltage = Volts(230.4);
    ups.output_voltage = Volts(229.9);
    ups.battery_voltage = Volts(54.1);
    ups.input_current = Amperes(1.5);
    ups.output_current = Amperes(1.4);
    ups.input_frequency = Hertz(50.0);
    ups.output_frequency = Hertz(50.0);
    ups.real_power = Watts(300);
    ups.apparent_power = VoltAmperes(330);
    ups.temperature = Celsius(31.5);
    ups.alarm = "Replace battery!";
    documents.push_back(ups_document(origin, {"rack1-ups", "VI 1500 RT HID"}, ups, time));
    LoggerHealth health;
    health.ship_latency = std::chrono::milliseconds(12);
    documents.push_back(logger_document(origin, health, time));
    for (const auto& event : every_event()) {
        documents.push_back(event_document(origin, event, time));
    }
    return documents;
}

}  // namespace pwlog::test
