// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "daemon/agent.h"
#include "mqtt/command_desk.h"
#include "mqtt/publisher.h"
#include "mqtt/state_board.h"

namespace pwlog {

/// What a daemon needs for [mqtt], in the order in which it is made.
struct MqttParts {
    explicit MqttParts(bool retain) : outbox(retain) {}
    Outbox outbox;
    std::unique_ptr<StateBoard> board;
    std::unique_ptr<CommandDesk> desk;  ///< null where no commands are taken
    std::unique_ptr<Publisher> publisher;

    /// Error: no thread can be made.
    Result<void> start();
    /// Before the agent's threads end.
    void stop_commands();
    /// Says goodbye to the broker, if that takes no longer than a moment.
    void stop();
};

/// The broker of the configuration, its password read.
Result<BrokerOptions> broker_options(const Config& config);

/// What is subscribed to there: commands, and Home Assistant's birth.
std::vector<std::string> broker_subscriptions(const Config& config, const BrokerOptions& broker);

/// How its devices are announced to Home Assistant.
HomeOptions home_options(const Config& config, const std::string& presence_topic);

/// Null where there is no [mqtt]. Nothing is published yet. The agent must outlive it, but for its
/// threads: end the desk first.
Result<std::shared_ptr<MqttParts>> make_mqtt(const Config& config, Agent& agent,
                                             const Clock& clock);

}  // namespace pwlog
