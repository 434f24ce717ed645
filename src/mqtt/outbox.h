// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "mqtt/message.h"

namespace pwlog {

struct OutboxCounters {
    std::uint64_t superseded = 0;  ///< states that a newer one replaced before they could go out
    std::uint64_t dropped = 0;  ///< events that had no room, and states beyond the topics there are
    std::uint64_t waiting = 0;
};

/// What waits for the broker: of each topic the newest state, and a bounded number of events.
/// However long the broker is away, this does not grow, and putting something in takes no longer.
/// Thread-safe.
class Outbox {
  public:
    /// `retain`: whether the broker keeps states for those who come later.
    explicit Outbox(bool retain);

    /// The state of its topic from now on.
    void set(MqttMessage state);
    /// The same, but one that is already known is not sent again; retained in any case. An empty
    /// payload takes a retained message away.
    void keep(MqttMessage state);
    /// The last word on a topic, retained: until the broker has taken it, and nothing where the
    /// topic has a state. From then on it may be somebody else's topic.
    void take_back(MqttMessage last);
    /// The broker has acknowledged what was sent on this topic.
    void was_taken(const std::string& topic);
    /// Something that happened: sent once, never retained.
    void tell(MqttMessage event);

    /// The events that wait, oldest first: another outbox sends them.
    std::deque<MqttMessage> take_events();
    /// The last words that the broker has not taken: the same.
    std::vector<MqttMessage> open_last_words() const;
    /// The state of a topic, where it does not wait to be sent.
    std::optional<std::string> said(const std::string& topic) const;

    /// All states are to be sent once more: the broker is another one, or has forgotten them.
    void all_again();

    /// Those given to keep() are: somebody has begun to listen who knows nothing. A state that the
    /// broker keeps it gets from there; said again, whoever records it would take it for a new one.
    void kept_again();
    /// One of them is; false where the topic has none.
    bool again(const std::string& topic);

    struct Outgoing {
        MqttMessage message;
        bool retain;
        bool is_event = false;
        bool is_last = false;  ///< until it is acknowledged
    };
    /// Takes out what goes next: states first, in the order in which they became known, then last
    /// words, then events.
    std::optional<Outgoing> next();

    /// Readable while something new has been put in since news_seen().
    int news_fd() const { return news_.get(); }
    void news_seen();

    OutboxCounters counters() const;

  private:
    struct State {
        MqttMessage message;
        bool retain;
        bool is_kept;
        bool waits = true;
    };
    struct LastWord {
        std::string payload;
        bool waits = true;
    };
    void put(MqttMessage message, bool is_kept);
    void forget_last(const std::string& topic);
    void ring() const;

    const bool retain_;
    UniqueFd news_;
    mutable std::mutex mutex_;  // what follows
    std::vector<State> states_;
    std::map<std::string, std::size_t> places_;   // topic -> index into states_
    std::deque<std::size_t> waiting_;             // indices into states_, each at most once
    std::map<std::string, LastWord> last_words_;  // by topic
    std::size_t last_bytes_ = 0;                  // of these, with their topics
    std::deque<std::string> waiting_words_;       // their topics; of some there is none any more
    std::deque<MqttMessage> events_;
    OutboxCounters counters_;
};

}  // namespace pwlog
