#include "document/metric_documents.h"
#include "document/preamble.h"

namespace pwlog {

std::string logger_device_id(const Origin& origin) { return "logger." + origin.host_name; }

Document logger_document(const Origin& origin, const LoggerHealth& health, Timestamp time) {
    const DeviceTag self{logger_device_id(origin), ""};
    JsonObject json;
    write_preamble(json, origin, self, dataset::logger, "metric", time);
    close_event(json, std::nullopt);
    json.open("powerwalker");
    json.open("logger");
    json.add("read", health.read);
    json.add("stored", health.stored);
    json.add("duplicates", health.duplicates);
    json.add("rejected", health.rejected);
    json.add("pending", health.pending);
    json.add("dropped", health.dropped);
    json.add("read_errors", health.read_errors);
    json.add("cycles_late", health.cycles_late);
    json.add("spool_bytes", health.spool_bytes);
    if (health.ship_latency) {
        json.add("ship_latency_ms", static_cast<std::int64_t>(health.ship_latency->count()));
    }
    json.close();
    json.close();
    return {metric_id(self.id, dataset::logger, 0, time), json.take()};
}

}  // namespace pwlog
