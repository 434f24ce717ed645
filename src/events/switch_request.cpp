// SPDX-License-Identifier: MIT
#include "events/switch_request.h"

#include <fmt/format.h>

namespace pwlog {
namespace {

struct OutcomeWords {
    const char* keyword;  ///< event.outcome
    const char* words;
};

OutcomeWords words_of(SwitchRequest::Outcome outcome) {
    switch (outcome) {
        case SwitchRequest::Outcome::done:
            return {"success", "done"};
        case SwitchRequest::Outcome::refused:
            return {"failure", "refused"};
        case SwitchRequest::Outcome::withdrawn:
            return {"failure", "withdrawn before anything was sent"};
        case SwitchRequest::Outcome::failed:
            return {"failure", "failed"};
        case SwitchRequest::Outcome::unknown:
            break;
    }
    return {"unknown", "outcome unknown"};
}

/// ` by anna via MQTT`; a broker does not always say who it was.
std::string origin_of(const SwitchRequest& request) {
    const bool has_name = request.requested_by != request.method;
    return (has_name ? " by " + request.requested_by : "") +
           (request.method == "mqtt" ? " via MQTT" : " on the command line");
}

}  // namespace

Event switch_request_event(const SwitchRequest& request) {
    const auto outcome = words_of(request.outcome);
    const std::string target =
        !request.outlet ? "all outlets"
        : request.outlet->name.empty()
            ? fmt::format("outlet {}", request.outlet->number)
            : fmt::format("outlet {} ({})", request.outlet->number, request.outlet->name);
    Event event;
    event.device = request.device;
    event.action = "switch_request";
    event.type = request.outcome == SwitchRequest::Outcome::done ? "change" : "info";
    event.outcome = outcome.keyword;
    event.reason = request.reason;
    event.outlet = request.outlet;
    event.subject = request.outlet ? std::to_string(request.outlet->number) : "all";
    event.message = fmt::format("{}: {} requested for {}{}: {}{}", request.device.called(),
                                request.command, target, origin_of(request), outcome.words,
                                request.reason.empty() ? "" : " (" + request.reason + ")");
    const auto add = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) {
            event.details.push_back({name, value});
        }
    };
    add("requested_by", request.requested_by);
    add("method", request.method);
    add("command", request.command);
    if (request.delay) {
        event.details.push_back({"delay_s", std::int64_t{request.delay->count()}});
    }
    if (request.restore_after) {
        event.details.push_back({"restore_after_s", std::int64_t{request.restore_after->count()}});
    }
    add("digits_before", request.digits_before);
    add("digits_after", request.digits_after);
    return event;
}

}  // namespace pwlog
