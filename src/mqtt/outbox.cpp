// SPDX-License-Identifier: MIT
#include "mqtt/outbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace pwlog {
namespace {

/// Many more than 64 devices have topics.
constexpr std::size_t most_states = 16'384;
constexpr std::size_t most_events = 1'000;
/// Of last words: the broker may have kept more, by anybody's hand, than any fleet has announced.
constexpr std::size_t most_last_bytes = std::size_t{8} * 1024 * 1024;

}  // namespace

Outbox::Outbox(bool retain) : retain_(retain), news_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void Outbox::set(MqttMessage state) { put(std::move(state), false); }

void Outbox::keep(MqttMessage state) { put(std::move(state), true); }

void Outbox::put(MqttMessage message, bool is_kept) {
    {
        const std::lock_guard lock(mutex_);
        const auto [place, is_new] = places_.try_emplace(message.topic, states_.size());
        if (is_new && states_.size() == most_states) {
            places_.erase(place);
            ++counters_.dropped;
            return;
        }
        forget_last(message.topic);
        if (is_new) {
            states_.push_back({std::move(message), is_kept || retain_, is_kept});
        } else {
            auto& state = states_[place->second];
            if (is_kept && state.message == message) {
                return;
            }
            state.message = std::move(message);
            if (std::exchange(state.waits, true)) {
                ++counters_.superseded;
                return;  // the thread has been told of it
            }
        }
        waiting_.push_back(place->second);
    }
    ring();
}

void Outbox::take_back(MqttMessage last) {
    {
        const std::lock_guard lock(mutex_);
        if (places_.contains(last.topic)) {
            return;
        }
        const auto known = last_words_.find(last.topic);
        const bool waits = known != last_words_.end() && known->second.waits;
        forget_last(last.topic);
        const std::size_t bytes = last.topic.size() + last.payload.size();
        if (last_words_.size() == most_states || last_bytes_ + bytes > most_last_bytes) {
            ++counters_.dropped;
            return;
        }
        last_bytes_ += bytes;
        if (!waits) {
            waiting_words_.push_back(last.topic);
        }
        last_words_.emplace(std::move(last.topic), LastWord{std::move(last.payload)});
    }
    ring();
}

void Outbox::forget_last(const std::string& topic) {
    const auto last = last_words_.find(topic);
    if (last != last_words_.end()) {
        last_bytes_ -= last->first.size() + last->second.payload.size();
        last_words_.erase(last);
    }
}

void Outbox::was_taken(const std::string& topic) {
    const std::lock_guard lock(mutex_);
    const auto last = last_words_.find(topic);
    if (last != last_words_.end() && !last->second.waits) {
        forget_last(topic);
    }
}

void Outbox::tell(MqttMessage event) {
    {
        const std::lock_guard lock(mutex_);
        if (events_.size() == most_events) {
            events_.pop_front();
            ++counters_.dropped;
        }
        events_.push_back(std::move(event));
    }
    ring();
}

std::deque<MqttMessage> Outbox::take_events() {
    const std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
}

std::vector<MqttMessage> Outbox::open_last_words() const {
    const std::lock_guard lock(mutex_);
    std::vector<MqttMessage> open;
    open.reserve(last_words_.size());
    for (const auto& [topic, last] : last_words_) {
        open.push_back({topic, last.payload});
    }
    return open;
}

std::optional<std::string> Outbox::said(const std::string& topic) const {
    const std::lock_guard lock(mutex_);
    const auto place = places_.find(topic);
    return place == places_.end() || states_[place->second].waits
               ? std::nullopt
               : std::optional(states_[place->second].message.payload);
}

void Outbox::all_again() {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    for (std::size_t i = 0; i < states_.size(); ++i) {
        states_[i].waits = true;
        waiting_.push_back(i);
    }
    waiting_words_.clear();
    for (auto& [topic, last] : last_words_) {
        last.waits = true;
        waiting_words_.push_back(topic);
    }
    ring();
}

void Outbox::kept_again() {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < states_.size(); ++i) {
        if (states_[i].is_kept && !std::exchange(states_[i].waits, true)) {
            waiting_.push_back(i);
        }
    }
    ring();
}

bool Outbox::again(const std::string& topic) {
    const std::lock_guard lock(mutex_);
    const auto place = places_.find(topic);
    if (place == places_.end()) {
        const auto last = last_words_.find(topic);
        if (last == last_words_.end()) {
            return false;
        }
        if (!std::exchange(last->second.waits, true)) {
            waiting_words_.push_back(topic);
        }
    } else if (!std::exchange(states_[place->second].waits, true)) {
        waiting_.push_back(place->second);
    }
    ring();
    return true;
}

std::optional<Outbox::Outgoing> Outbox::next() {
    const std::lock_guard lock(mutex_);
    if (!waiting_.empty()) {
        auto& state = states_[waiting_.front()];
        waiting_.pop_front();
        state.waits = false;
        return Outgoing{state.message, state.retain};
    }
    while (!waiting_words_.empty()) {
        const auto last = last_words_.find(waiting_words_.front());
        waiting_words_.pop_front();
        if (last != last_words_.end() && std::exchange(last->second.waits, false)) {
            return Outgoing{{last->first, last->second.payload}, true, false, true};
        }
    }
    if (!events_.empty()) {
        Outgoing event{std::move(events_.front()), false, true};
        events_.pop_front();
        return event;
    }
    return std::nullopt;
}

void Outbox::ring() const {
    const std::uint64_t one = 1;
    // Fails only where the counter is full, and then it is readable all the same.
    [[maybe_unused]] const auto written = ::write(news_.get(), &one, sizeof one);
}

void Outbox::news_seen() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto taken = read(news_.get(), &count, sizeof count);
}

OutboxCounters Outbox::counters() const {
    const std::lock_guard lock(mutex_);
    auto counters = counters_;
    counters.waiting = waiting_.size() + waiting_words_.size() + events_.size();
    return counters;
}

}  // namespace pwlog
