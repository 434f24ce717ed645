// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/dial.h"
#include "elastic/backoff.h"
#include "mqtt/complaints.h"
#include "mqtt/connection.h"
#include "mqtt/early_losses.h"
#include "mqtt/outbox.h"

namespace pwlog {

struct PublisherStatus {
    bool connected = false;
    std::uint64_t published = 0;
    std::uint64_t reconnects = 0;  ///< connections after the first
    std::uint64_t received = 0;
    std::uint64_t refused = 0;  ///< messages that the broker would not take
    OutboxCounters outbox;
    /// Why there is no connection, or none that holds, or what the broker does not take.
    std::string last_error;
};

struct PublisherTimes {
    /// For the broker to accept us.
    std::chrono::milliseconds answer = std::chrono::seconds(10);
    Backoff::Options backoff{.shortest = std::chrono::milliseconds(100),
                             .first = std::chrono::milliseconds(500),
                             .ceiling = std::chrono::seconds(30)};
    /// How often libmosquitto may look after its keep-alive.
    std::chrono::milliseconds look = std::chrono::seconds(5);
    /// A connection that has lasted as long is a good one: what went wrong before is over.
    std::chrono::milliseconds hold = std::chrono::seconds(30);
    /// For a message's acknowledgement, where others wait for it.
    std::chrono::milliseconds acknowledgement = std::chrono::seconds(30);
    /// Until what was refused is tried again: an access list may have changed.
    std::chrono::milliseconds second_try = std::chrono::seconds(60);
};

/// The MQTT thread: brings what is in the outbox to the broker, and hands over what comes from
/// there. Whatever the broker does, only this thread waits for it.
class Publisher {
  public:
    struct Options {
        BrokerOptions broker;
        /// Reads the password anew for each connection: it may have been changed. Null: it stays.
        std::function<Result<Secret>()> password{};
        Resolver resolver = look_up;
        std::vector<std::string> subscriptions{};
        /// For what the broker has kept of earlier days: until the first connection has held, and
        /// one that forbids them does no harm.
        std::vector<std::string> first_subscriptions{};
        /// Called from the publisher's thread; must return soon.
        std::function<void(const Incoming&)> received = [](const Incoming&) {};
        /// A message that is larger than this broker takes. The same thread.
        std::function<void(const std::string& topic)> too_large = [](const std::string&) {};
        /// The first one tried.
        Connection::Protocol protocol = Connection::Protocol::mqtt5;
        PublisherTimes times{};
    };

    Publisher(Options options, Outbox& outbox, const Clock& clock);
    ~Publisher();

    /// Error: no thread can be made.
    Result<void> start();
    /// Sends what waits, says goodbye and ends the thread, within `patience` where there is a
    /// connection, at once where there is none.
    void stop(std::chrono::milliseconds patience);

    PublisherStatus status() const;

  private:
    void run(const std::stop_token& stop);
    /// From connecting to the connection's end.
    Result<void> serve(const std::stop_token& stop);
    Connection::Handlers handlers();
    Result<BrokerOptions> broker_now(const std::stop_token& stop);
    Result<void> converse(Connection& connection, const std::stop_token& stop);
    Result<void> greet(Connection& connection);
    Result<void> subscribe(Connection& connection);
    void holds(Connection& connection);
    Result<void> try_again(Connection& connection);
    Result<void> send(Connection& connection);
    Result<void> send_one(Connection& connection, const Outbox::Outgoing& outgoing);
    void answered(const std::string& topic, const std::string& reason);
    void complain(const std::string& topic, const std::string& reason);
    Result<void> check_answers(const Connection& connection);
    void wait(const Connection& connection, std::chrono::milliseconds longest,
              const std::stop_token& stop);
    void say_goodbye(Connection& connection);
    std::size_t most_unanswered() const;
    void was_lost(const Error& error);

    Options options_;
    Outbox& outbox_;
    const Clock& clock_;
    Backoff backoff_;
    Connection::Protocol protocol_;
    std::optional<SteadyTime> greeted_;  // what is due once connected was done then
    bool held_ = false;                  // this connection
    EarlyLosses early_losses_;
    std::string told_;             // the last loss that was logged
    std::set<std::string> asked_;  // topics that this connection has had a message of
    Complaints complaints_;
    SteadyTime second_try_{};           // when what they are about is due
    std::optional<MqttMessage> event_;  // the newest whose acknowledgement was asked for
    bool looked_back_ = false;          // first_subscriptions have had their time
    std::optional<SteadyTime> stuck_since_;
    std::stop_source give_up_;  // ends the goodbye
    mutable std::mutex mutex_;  // what follows
    std::condition_variable ended_;
    bool has_ended_ = false;
    bool was_connected_ = false;
    PublisherStatus status_;
    std::string complaint_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pwlog
