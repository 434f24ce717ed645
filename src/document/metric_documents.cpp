// SPDX-License-Identifier: MIT
#include "document/metric_documents.h"

#include "document/readings.h"
#include "document/write.h"

namespace pwlog {

std::vector<Document> pdu_documents(const Origin& origin, const PduContext& context,
                                    const PduReading& reading, Timestamp time,
                                    const PduEnergyMeter::Intervals& energy,
                                    const std::optional<Extremes>& extremes) {
    std::vector<Document> documents;
    for (auto& sample : samples_of(reading, time)) {
        derive(sample, context,
               sample.outlet == 0 ? energy.input
                                  : energy.outlets.at(static_cast<std::size_t>(sample.outlet) - 1));
        if (extremes) {
            extremes->write_into(sample);
        }
        documents.push_back(write(origin, context.device, sample));
    }
    return documents;
}

Document ats_document(const Origin& origin, const AtsContext& context, const AtsReading& reading,
                      Timestamp time, std::optional<std::chrono::milliseconds> interval,
                      const std::optional<Extremes>& extremes, const std::string& capsule) {
    auto sample = sample_of(reading, time);
    derive(sample, context, interval);
    if (extremes) {
        extremes->write_into(sample);
    }
    if (!capsule.empty()) {
        sample.event_id = capsule;
        sample.values.set(Field::ats_capsule, true);
    }
    return write(origin, context.device, sample);
}

std::string logger_device_id(const Origin& origin) { return "logger." + origin.host_name; }

Document logger_document(const Origin& origin, const LoggerHealth& health, Timestamp time) {
    using enum Field;
    Sample sample;
    sample.kind = DocumentKind::logger;
    sample.time = time;
    const auto count = [&](Field field, std::uint64_t number) {
        sample.values.set(field, static_cast<std::int64_t>(number));
    };
    count(logger_read, health.read);
    count(logger_stored, health.stored);
    count(logger_duplicates, health.duplicates);
    count(logger_rejected, health.rejected);
    count(logger_pending, health.pending);
    count(logger_dropped, health.dropped);
    count(logger_read_errors, health.read_errors);
    count(logger_cycles_late, health.cycles_late);
    count(logger_spool_bytes, health.spool_bytes);
    if (health.ship_latency) {
        sample.values.set(logger_ship_latency_ms, std::int64_t{health.ship_latency->count()});
    }
    return write(origin, {logger_device_id(origin), ""}, sample);
}

}  // namespace pwlog
