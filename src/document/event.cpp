#include "document/event.h"

#include <fmt/format.h>

#include "document/preamble.h"

namespace pwlog {

Document event_document(const Origin& origin, const Event& event, Timestamp time) {
    const std::string id =
        fmt::format("{}/{}/{}", event.device.id, event.action, time.time_since_epoch().count());
    JsonObject json;
    write_preamble(json, origin, event.device, dataset::events, "event", time);
    json.add("action", event.action);
    json.add("id", event.pair_id.empty() ? id : event.pair_id);
    if (!event.outcome.empty()) {
        json.add("outcome", event.outcome);
    }
    if (!event.reason.empty()) {
        json.add("reason", event.reason);
    }
    if (event.start) {
        json.add("start", format_time(*event.start));
    }
    if (event.end) {
        json.add("end", format_time(*event.end));
    }
    const auto duration = event.start && event.end
                              ? std::optional<std::chrono::nanoseconds>(*event.end - *event.start)
                              : std::nullopt;
    close_event(json, duration);
    json.add("message", event.message);
    return {id, json.take()};
}

}  // namespace pwlog
