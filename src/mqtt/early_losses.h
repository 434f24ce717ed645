// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "mqtt/connection.h"
#include "mqtt/message.h"

namespace pwlog {

/// Connections that end soon after they were made, and what is to blame: another client of our id,
/// or one message that this broker ends the connection at. One thread.
class EarlyLosses {
  public:
    /// A connection has ended before it had held.
    void add(const Connection& connection);
    /// One has held; true where others had not before it.
    bool end();
    bool is_empty() const { return losses_ == 0; }

    /// The broker has taken a message of this topic.
    void was_taken(const std::string& topic) { strikes_.erase(topic); }
    /// Connections have ended at messages of this topic that were no larger.
    bool is_banned(const MqttMessage& message) const;
    /// What comes next may be another broker.
    void lift_bans();

    /// What is suspected, to be put behind the last loss; empty while nothing is.
    std::string suspicion(const std::string& client_id) const;

  private:
    int losses_ = 0;                      // in a row
    bool taken_over_ = false;             // the last one, by another client of our id
    std::map<std::string, int> strikes_;  // how often a connection ended with a topic's message
    std::map<std::string, std::size_t> banned_;  // by topic, the size that ended connections
};

}  // namespace pwlog
