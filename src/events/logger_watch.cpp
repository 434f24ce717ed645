// SPDX-License-Identifier: MIT
#include "events/logger_watch.h"

#include <fmt/format.h>

#include <utility>

#include "document/document.h"

namespace pwlog {
namespace {

/// Between two events that tell of losses of the same kind.
constexpr auto pause = std::chrono::hours(1);

bool was_told_lately(const std::optional<Timestamp>& told, Timestamp now) {
    return told && now >= *told && now - *told < pause;
}

const Alarm& clock_alarm() {
    static const Alarm alarm{.name = "clock",
                             .words = "the clock is not synchronised",
                             .words_over = "the clock is synchronised",
                             .started = "clock_unsynchronised",
                             .ended = "clock_synchronised",
                             .outlet = {},
                             .source = {}};
    return alarm;
}

}  // namespace

Event LoggerWatch::event(const char* action, const char* type, std::string message) const {
    Event event;
    event.device = self_;
    event.action = action;
    event.category = "process";
    event.type = type;
    event.message = std::move(message);
    return event;
}

Event LoggerWatch::started(const std::string& version, const std::string& host, Timestamp now) {
    auto begun =
        event("logger_started", "start", fmt::format("pwlog {} started on {}", version, host));
    if (running_since_) {
        begun.reason =
            fmt::format("the run that began at {} was cut off", format_time(*running_since_));
        begun.message += "; " + begun.reason;
    }
    begun.start = now;
    begun.pair_id = event_id(begun, now);
    run_id_ = begun.pair_id;
    running_since_ = now;
    return begun;
}

Event LoggerWatch::stopped(const std::string& host, const std::string& why, Timestamp now) {
    auto ended = event("logger_stopped", "end", fmt::format("pwlog stopped on {}: {}", host, why));
    ended.reason = why;
    if (const auto since = std::exchange(running_since_, std::nullopt)) {
        ended.start = since;
        ended.end = now;
        ended.pair_id = run_id_;
    }
    return ended;
}

std::optional<Event> LoggerWatch::clock_is(bool synchronised, Timestamp now) {
    auto changed = alarms_.update(self_, clock_alarm(), !synchronised, now, !is_restored_);
    is_restored_ = false;
    return changed;
}

std::optional<Event> LoggerWatch::dropped(std::int64_t total, Timestamp now) {
    const std::int64_t known = dropped_.value_or(0);
    if (total <= known || was_told_lately(told_of_drops_, now)) {
        return std::nullopt;
    }
    dropped_ = total;
    told_of_drops_ = now;
    auto lost =
        event("samples_dropped", "info",
              fmt::format("{} documents were given up, {} in all: the spool was full or damaged",
                          total - known, total));
    lost.outcome = "failure";
    lost.details = {{"count", total - known}};
    return lost;
}

std::optional<Event> LoggerWatch::conflicts(const std::string& devices, std::int64_t total,
                                            Timestamp now) {
    if (total <= conflicts_ || was_told_lately(told_of_conflicts_, now)) {
        return std::nullopt;
    }
    const std::int64_t fresh = total - std::exchange(conflicts_, total);
    told_of_conflicts_ = now;
    auto found = event("device_id_conflict", "info",
                       fmt::format("another logger writes documents of device.id {}: it had stored "
                                   "{} before they were first sent from here",
                                   devices, fresh));
    found.outcome = "failure";
    found.details = {{"count", fresh}};
    return found;
}

std::string LoggerWatch::save() const {
    StateText state;
    alarms_.save(state);
    state.set("running", running_since_);
    state.set("dropped", std::to_string(dropped_.value_or(0)));
    state.set("told", told_of_drops_);
    state.set("told_conflicts", told_of_conflicts_);
    return state.text();
}

void LoggerWatch::restore(std::string_view text) {
    const auto state = StateText::parse(text);
    alarms_.restore(state);
    running_since_ = state.get_time("running");
    dropped_ = state.get_number("dropped");
    told_of_drops_ = state.get_time("told");
    told_of_conflicts_ = state.get_time("told_conflicts");
    is_restored_ = true;
}

}  // namespace pwlog
