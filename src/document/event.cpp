// SPDX-License-Identifier: MIT
#include "document/event.h"

#include <fmt/format.h>

#include "document/preamble.h"

namespace pwlog {
namespace {

void add_detail(JsonObject& json, const EventDetail& detail) {
    const auto* const list = std::get_if<std::vector<std::string>>(&detail.value);
    if (list == nullptr || !list->empty()) {
        std::visit([&](const auto& value) { json.add(detail.name, value); }, detail.value);
    }
}

void add_powerwalker(JsonObject& json, const Event& event) {
    if (!event.outlet && event.details.empty()) {
        return;
    }
    json.open("powerwalker");
    if (event.outlet) {
        json.open("outlet");
        json.add("number", event.outlet->number);
        json.add("name", event.outlet->name);
        json.close();
    }
    if (!event.details.empty()) {
        json.open("event");
        for (const auto& detail : event.details) {
            add_detail(json, detail);
        }
        json.close();
    }
    json.close();
}

/// None where a clock went back, or by more than the field can hold, 292 years.
std::optional<std::chrono::nanoseconds> duration_of(const Event& event) {
    if (!event.start || !event.end || *event.end < *event.start) {
        return std::nullopt;
    }
    constexpr auto longest =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds::max());
    const auto took = *event.end - *event.start;
    return took <= longest ? std::optional<std::chrono::nanoseconds>(took) : std::nullopt;
}

}  // namespace

std::string event_id(const Event& event, Timestamp time) {
    const std::string subject = event.subject.empty() ? "" : event.subject + "/";
    return fmt::format("{}/{}/{}{}", event.device.id, event.action, subject,
                       time.time_since_epoch().count());
}

Document event_document(const Origin& origin, const Event& event, Timestamp time) {
    const std::string id = event_id(event, time);
    JsonObject json;
    write_preamble(json, origin, event.device, dataset::event, event.kind, time);
    json.add("action", event.action);
    json.add("id", event.pair_id.empty() ? id : event.pair_id);
    json.add_text("code", event.code);
    json.add("category", std::vector{event.category});
    json.add("type", std::vector{event.type});
    json.add_text("outcome", event.outcome);
    json.add_text("reason", event.reason);
    if (event.start) {
        json.add("start", format_time(*event.start));
    }
    if (event.end) {
        json.add("end", format_time(*event.end));
    }
    close_event(json, duration_of(event));
    json.add("message", event.message);
    add_powerwalker(json, event);
    return {id, index_name(Family::events, time), json.take()};
}

}  // namespace pwlog
