#include "samples.h"

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

std::vector<Document> fullest_documents() {
    const Origin origin{"pi", "0.1.0", {{"site", "home"}}, false};
    const Timestamp time{std::chrono::milliseconds(1795366645123)};
    PduContext pdu_context;
    pdu_context.device = {"rack1-pdu", "PDU"};
    pdu_context.outlet_alarm.fill(Amperes(2.0));
    pdu_context.tariff = Tariff{0.31, "EUR"};
    PduEnergyMeter::Intervals energy;
    energy.input = IntervalEnergy{0.6833, true};
    energy.outlets.fill(energy.input);
    auto pdu_reading = captured_pdu_reading();
    pdu_reading.countdowns = pdu::Countdowns{};

    PduExtremes pdu_extremes;
    pdu_extremes.add(pdu_reading.status, pdu_reading.active_power);
    AtsExtremes ats_extremes;
    ats_extremes.add(captured_ats_reading().measurements);

    auto documents = pdu_documents(origin, pdu_context, pdu_reading, time, energy, pdu_extremes);
    documents.push_back(ats_document(origin, {{"rack1-ats", "ATS"}, Degrees(20)},
                                     captured_ats_reading(), time, ats_extremes,
                                     "rack1-ats/transfer/1"));
    LoggerHealth health;
    health.ship_latency = std::chrono::milliseconds(12);
    documents.push_back(logger_document(origin, health, time));
    Event event;
    event.device = {"rack1-ats", "ATS"};
    event.action = "device_reachable";
    event.message = "rack1-ats answers again";
    event.outcome = "success";
    event.reason = "unplugged";
    event.start = time - std::chrono::seconds(5);
    event.end = time;
    documents.push_back(event_document(origin, event, time));
    return documents;
}

}  // namespace pwlog::test
