#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "elastic/backoff.h"
#include "mqtt/connection.h"
#include "mqtt/outbox.h"

namespace pwlog {

struct PublisherStatus {
    bool connected = false;
    std::uint64_t published = 0;
    std::uint64_t reconnects = 0;  ///< connections after the first
    std::uint64_t received = 0;
    OutboxCounters outbox;
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
};

/// The MQTT thread: brings what is in the outbox to the broker, and hands over what comes from
/// there. Whatever the broker does, only this thread waits for it.
class Publisher {
  public:
    struct Options {
        BrokerOptions broker;
        std::vector<std::string> subscriptions{};
        /// Called from the publisher's thread; must return soon.
        std::function<void(const Incoming&)> received = [](const Incoming&) {};
        PublisherTimes times{};
    };

    Publisher(Options options, Outbox& outbox, const Clock& clock);
    ~Publisher();

    void start();
    /// Sends what waits, says goodbye and ends the thread, within `patience` where there is a
    /// connection, at once where there is none.
    void stop(std::chrono::milliseconds patience);

    PublisherStatus status() const;

  private:
    void run(const std::stop_token& stop);
    /// From connecting to the connection's end.
    Result<void> serve(const std::stop_token& stop);
    Result<void> converse(Connection& connection, const std::stop_token& stop);
    Result<void> greet(Connection& connection);
    Result<void> send(Connection& connection);
    void wait(const Connection& connection, std::chrono::milliseconds longest,
              const std::stop_token& stop);
    void say_goodbye(Connection& connection);
    void was_lost(const Error& error);

    Options options_;
    Outbox& outbox_;
    const Clock& clock_;
    Backoff backoff_;
    Connection::Protocol protocol_ = Connection::Protocol::mqtt5;
    bool greeted_ = false;      // what is due once connected has been done
    std::stop_source give_up_;  // ends the goodbye
    mutable std::mutex mutex_;  // what follows
    std::condition_variable ended_;
    bool has_ended_ = false;
    bool was_connected_ = false;
    PublisherStatus status_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pwlog
