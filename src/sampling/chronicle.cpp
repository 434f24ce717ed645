// SPDX-License-Identifier: MIT
#include "sampling/chronicle.h"

#include <spdlog/spdlog.h>

#include <iterator>

#include "base/text_values.h"

namespace pwlog {

Chronicle::Chronicle(SampledDevice& device, Recorder& recorder, std::string port,
                     std::chrono::milliseconds longest_gap, const Clock& clock)
    : device_(device),
      recorder_(recorder),
      longest_gap_(longest_gap),
      clock_(clock),
      reachability_(device.tag(), std::move(port)) {}

std::vector<std::string> Chronicle::state_keys() const {
    auto keys = device_.state_keys();
    keys.push_back(reachability_key());
    keys.push_back(pace_key());
    return keys;
}

void Chronicle::restore(const std::string& key, const std::string& saved) {
    if (key == reachability_key()) {
        reachability_.restore(saved);
    } else if (key == pace_key()) {
        pace_.restore(saved);
    } else {
        device_.restore(key, saved);
    }
}

State Chronicle::state() const {
    auto state = device_.state();
    state.emplace_back(reachability_key(), reachability_.save());
    if (by_own_pace_) {
        state.emplace_back(pace_key(), pace_.save());
    }
    return state;
}

std::chrono::milliseconds Chronicle::longest_gap() const {
    return by_own_pace_ ? pace_.longest_gap(longest_gap_ / intervals_in_gap) : longest_gap_;
}

/// Since the reading before.
bool Chronicle::is_watched_until(Timestamp time, SteadyTime now) const {
    if (by_own_pace_) {
        const auto before = pace_.newest();
        return before && !is_unreachable() && time > *before && time - *before <= longest_gap();
    }
    return watched_at_ && now - *watched_at_ <= longest_gap_;
}

void Chronicle::has_read(Timestamp time) {
    const auto now = clock_.steady_now();
    const bool observed = is_watched_until(time, now);
    pace_.note(time);
    if (const int failures = failures_in_a_row(); failures > 0) {
        spdlog::info("{}: read again after {}", device_.tag().id,
                     counted(static_cast<std::uint64_t>(failures), "failed reading"));
    }
    auto events = reachability_.succeeded(time, has_tried_);
    auto seen = device_.what_happened({time, now}, observed);
    std::move(seen.begin(), seen.end(), std::back_inserter(events));
    has_tried_ = true;
    watched_at_ = now;
    tell(std::move(events), time);
    keep_readings();
}

void Chronicle::has_failed(const Error& error) {
    const auto now = to_timestamp(clock_.wall_now());
    if (!has_tried_ && is_unreachable()) {  // the event was told before this start
        spdlog::warn("{}: still cannot be reached: {}", device_.tag().id, error.message);
    }
    has_tried_ = true;
    auto events = reachability_.failed(error, now);
    auto seen = device_.what_failed(error, now);
    std::move(seen.begin(), seen.end(), std::back_inserter(events));
    tell(std::move(events), now);
    if (is_unreachable()) {
        watched_at_.reset();
    }
}

void Chronicle::tell(std::vector<Event> events, Timestamp time) {
    if (events.empty()) {
        return;
    }
    const auto& tag = device_.tag();
    for (auto& event : events) {
        event.device = tag;  // its model may be known only by now
        log_event(event);
    }
    if (auto kept = recorder_.record_events(tag, {std::move(events), state()}, time); !kept) {
        spdlog::error("{}: events could not be kept: {}", tag.id, kept.error().message);
    }
}

void Chronicle::keep_readings() {
    if (!device_.has_kept_readings()) {
        return;
    }
    const auto& tag = device_.tag();
    for (const auto& [when, document] : device_.take_kept_readings(recorder_.origin())) {
        if (auto kept = recorder_.record_beside(tag, when, document); !kept) {
            spdlog::error("{}: a reading around a transfer could not be kept: {}", tag.id,
                          kept.error().message);
        }
    }
}

}  // namespace pwlog
