// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "mqtt/broker_record.h"
#include "mqtt/complaints.h"
#include "mqtt/connection.h"
#include "mqtt/early_losses.h"
#include "mqtt/outbox.h"
#include "mqtt/publisher_options.h"

namespace pwlog {

/// What is done on one connection, from CONNECT to the goodbye: the outbox is brought to the
/// broker, and handed over what comes from there. One thread.
class Conversation final : Connection::Hearer {
  public:
    /// What goes on from one connection to the next.
    struct Context {
        const PublisherOptions& options;
        Outbox& outbox;
        const Clock& clock;
        EarlyLosses& early_losses;
        Complaints& complaints;
        BrokerRecord& record;
        bool looks_back;  ///< first_subscriptions have not had their time yet
    };
    explicit Conversation(const Context& context);

    /// Begins to connect.
    Result<void> connect(const BrokerOptions& broker, Connection::Protocol protocol);
    /// An error is the connection's end. After `stop` what waits still goes out, then the goodbye,
    /// until `patience` ends.
    Result<void> run(const std::stop_token& stop, const std::stop_token& patience);

    const Connection& connection() const { return *connection_; }
    bool was_accepted() const { return greeted_.has_value(); }
    bool has_held() const { return held_; }

  private:
    void received(Incoming message) override;
    Result<void> turn(std::chrono::milliseconds longest, const std::stop_token& stop);
    std::chrono::milliseconds until_next_look(SteadyTime give_up) const;
    Result<void> greet();
    Result<void> say_present();
    Result<void> subscribe();
    void holds();
    Result<void> try_again();
    Result<void> send();
    Result<void> send_one(const Outbox::Outgoing& outgoing);
    void answered(const std::string& topic, const std::string& reason) override;
    void complain(const std::string& topic, const std::string& reason);
    Result<void> check_answers();
    void wait(std::chrono::milliseconds longest, const std::stop_token& stop);
    void say_goodbye(const std::stop_token& patience);
    std::size_t most_unanswered() const;

    Context context_;
    std::unique_ptr<Connection> connection_;
    std::optional<SteadyTime> greeted_;  // what is due once connected was done then
    bool held_ = false;
    std::set<std::string> asked_;       // topics that a message was sent of
    SteadyTime second_try_{};           // when what the complaints are about is due
    std::optional<MqttMessage> event_;  // the newest whose acknowledgement was asked for
    std::optional<SteadyTime> stuck_since_;
};

}  // namespace pwlog
