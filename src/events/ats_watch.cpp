// SPDX-License-Identifier: MIT
#include "events/ats_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "document/readings.h"
#include "events/ats_alarms.h"

namespace pwlog {
namespace {

constexpr std::size_t preferred_bit = 8;

/// Within the last tenth of what is accepted: an angle that hovers around its limit is not to make
/// an event each second.
bool is_angle_close(const AtsSight& sight, const AtsContext& context) {
    constexpr int tenth = 10;
    const int limit = context.acceptable_phases.value_or(Degrees(0)).value();
    const int margin = std::max(1, limit / tenth);  // an angle is told in whole degrees
    return limit > 0 && sight.angle && sight.angle->value() > limit - margin;
}

int source_from(const StateText& state, const std::string& name) {
    const auto number = state.get_number(name);
    return number == 1 || number == 2 ? static_cast<int>(number) : 0;
}

bool are_status_bits(std::string_view bits) {
    return bits.size() == ats::status_bit_names.size() &&
           bits.find_first_not_of("01?") == std::string_view::npos;
}

}  // namespace

std::vector<Event> AtsWatch::update(const AtsReading& reading, const AtsContext& context,
                                    Timestamp now, bool observed) {
    return update(
        {reading.status, reading.measurements.sync_angle, obstacles_to_takeover(reading, context)},
        context, now, observed);
}

std::vector<Event> AtsWatch::update(const AtsSight& sight, const AtsContext& context, Timestamp now,
                                    bool observed) {
    std::vector<Event> events;
    const auto& status = sight.status;
    if (status.bits != last_bits_) {
        if (is_ats_bit_known(status, on_source1_bit)) {
            watch_source(status, now, observed, events);
        }
        for (const auto& [alarm, active] : ats_alarms(status)) {
            watch(alarm, active, now, observed, events);
        }
        if (is_ats_bit_known(status, preferred_bit)) {
            watch_preference(status, observed, events);
        }
        last_bits_ = status.bits;
        last_status_ = status;
    }
    watch_redundancy(sight, context, now, observed, events);
    if (sight.angle) {
        last_angle_ = sight.angle->value();
    }
    return events;
}

void AtsWatch::watch(const Alarm& alarm, bool active, Timestamp now, bool observed,
                     std::vector<Event>& events) {
    if (auto event = alarms_.update(device_, alarm, active, now, observed)) {
        events.push_back(std::move(*event));
    }
}

/// Looks at the angle too, which may be beyond what the device accepts while no bit changes.
void AtsWatch::watch_redundancy(const AtsSight& sight, const AtsContext& context, Timestamp now,
                                bool observed, std::vector<Event>& events) {
    if (!sight.obstacles) {
        return;
    }
    const auto& obstacles = *sight.obstacles;
    if (was_redundant_ == obstacles.empty() ||
        (was_redundant_ == false && obstacles.empty() && is_angle_close(sight, context))) {
        return;
    }
    was_redundant_ = obstacles.empty();
    const int active = sight.status.active_source();
    const std::string other =
        active == 0 ? "neither source" : fmt::format("source {}", active == 1 ? 2 : 1);
    const Alarm alarm{.name = "redundancy",
                      .words = fmt::format("{} could{} take over ({})", other,
                                           active == 0 ? "" : " not", fmt::join(obstacles, ", ")),
                      .words_over = fmt::format("{} could take over again", other),
                      .started = "redundancy_lost",
                      .ended = "redundancy_restored",
                      .outlet = {},
                      .source = {}};
    if (auto event = alarms_.update(device_, alarm, !obstacles.empty(), now, observed)) {
        if (!obstacles.empty()) {
            event->details.push_back({"reasons", obstacles});
        }
        events.push_back(std::move(*event));
    }
}

/// Between two sources, or on neither, the alarm says so; the next source makes the transfer.
void AtsWatch::watch_source(const ats::Status& status, Timestamp now, bool observed,
                            std::vector<Event>& events) {
    const int source = status.active_source();
    if (source == 0) {
        return;
    }
    if (last_source_ != 0 && source != last_source_) {
        events.push_back(transfer(status, now, observed));
    }
    const bool was_home = last_source_ != 0 && last_source_ == last_preferred_;
    last_source_ = source;
    if (source == status.preferred_source()) {
        away_since_.reset();
    } else if (was_home && observed) {
        away_since_ = now;
    }
}

Event AtsWatch::transfer(const ats::Status& status, Timestamp now, bool observed) const {
    const int source = status.active_source();
    const auto left = static_cast<std::size_t>(last_source_ - 1);
    auto reasons = bad_parts(status.sources.at(left));
    if (reasons.empty() && last_status_) {
        reasons = bad_parts(last_status_->sources.at(left));
    }
    Event event;
    event.device = device_;
    event.action = "transfer";
    event.type = "change";
    event.message = fmt::format("{}: transferred from source {} to source {}", device_.called(),
                                last_source_, source);
    event.details = {{"from_source", std::int64_t{last_source_}},
                     {"to_source", std::int64_t{source}},
                     {"observed", observed}};
    if (!reasons.empty()) {
        event.message += fmt::format(" ({})", fmt::join(reasons, ", "));
        event.details.push_back({"reasons", reasons});
    }
    if (last_angle_) {
        event.details.push_back({row_of(angle_between_sources).path, std::int64_t{*last_angle_}});
    }
    if (source == status.preferred_source() && away_since_ && *away_since_ <= now) {
        event.start = away_since_;
        event.end = now;
        event.message += fmt::format(", after {}{} away from its preferred source",
                                     observed ? "" : "at most ", in_words(now - *away_since_));
        event.details.push_back(
            {"away_s", std::chrono::duration<double>(now - *away_since_).count()});
    }
    event.message += observed ? "" : " (exact time unknown)";
    event.pair_id = event_id(event, now);  // the capsule's documents carry it too
    return event;
}

void AtsWatch::watch_preference(const ats::Status& status, bool observed,
                                std::vector<Event>& events) {
    const int preferred = status.preferred_source();
    if (last_preferred_ != 0 && preferred != last_preferred_) {
        Event event;
        event.device = device_;
        event.action = "preferred_source_changed";
        event.category = "configuration";
        event.type = "change";
        event.message = fmt::format("{}: source {} is preferred now, before it was source {}",
                                    device_.called(), preferred, last_preferred_);
        event.details = {{"from_source", std::int64_t{last_preferred_}},
                         {"to_source", std::int64_t{preferred}},
                         {"observed", observed}};
        events.push_back(std::move(event));
    }
    last_preferred_ = preferred;
}

StateText AtsWatch::state() const {
    StateText state;
    alarms_.save(state);
    state.set("away", away_since_);
    state.set("source", std::to_string(last_source_));
    state.set("preferred", std::to_string(last_preferred_));
    if (!last_bits_.empty()) {
        state.set("bits", last_bits_);
    }
    return state;
}

std::string AtsWatch::save() const { return state().text(); }

std::string AtsWatch::save_all() const {
    auto all = state();
    if (last_angle_) {
        all.set("angle", std::to_string(*last_angle_));
    }
    if (last_status_) {
        for (std::size_t i = 0; i < last_status_->sources.size(); ++i) {
            all.set(fmt::format("bad{}", i + 1),
                    fmt::format("{}", fmt::join(bad_parts(last_status_->sources.at(i)), " ")));
        }
    }
    return all.text();
}

void AtsWatch::restore(std::string_view text) {
    const auto state = StateText::parse(text);
    alarms_.restore(state);
    if (alarms_.is_on("redundancy")) {
        was_redundant_ = false;  // and returns as it would have without the restart
    }
    away_since_ = state.get_time("away");
    last_source_ = source_from(state, "source");
    last_preferred_ = source_from(state, "preferred");
    if (!state.get("angle").empty()) {
        last_angle_ = static_cast<int>(state.get_number("angle"));
    }
    if (state.all().contains("bad1")) {
        last_status_.emplace();
        for (std::size_t i = 0; i < last_status_->sources.size(); ++i) {
            last_status_->sources.at(i) = bits_of(state.get(fmt::format("bad{}", i + 1)));
        }
    }
    const std::string bits = state.get("bits");
    if (are_status_bits(bits)) {
        last_bits_ = bits;
    }
}

}  // namespace pwlog
