// SPDX-License-Identifier: MIT
#include "mqtt/early_losses.h"

#include <fmt/format.h>

#include <utility>

namespace pwlog {
namespace {

/// A message with which a connection has ended so often, each time alone on its way, goes no more.
constexpr int most_strikes = 2;
/// Connections in a row that end early: not an accident any more.
constexpr int suspicious_losses = 3;

}  // namespace

void EarlyLosses::add(const Connection& connection) {
    taken_over_ = connection.was_taken_over();
    const auto& unanswered = connection.unanswered();
    if (losses_++ > 0 && !taken_over_ && unanswered.size() == 1) {
        const auto& [topic, bytes] = unanswered.begin()->second;
        if (++strikes_[topic] >= most_strikes && bytes > 0) {
            banned_[topic] = bytes;
        }
    }
}

bool EarlyLosses::end() { return std::exchange(losses_, 0) > 0; }

bool EarlyLosses::is_banned(const MqttMessage& message) const {
    const auto banned = banned_.find(message.topic);
    return banned != banned_.end() && message.payload.size() >= banned->second;
}

void EarlyLosses::lift_bans() {
    banned_.clear();
    strikes_.clear();
}

std::string EarlyLosses::suspicion(const std::string& client_id) const {
    if (!taken_over_ && losses_ < suspicious_losses) {
        return {};
    }
    return fmt::format(
        "{} client id \"{}\": give each its own client_id in [mqtt]",
        taken_over_ ? ": another client has the same"
                    : fmt::format(", {} times in a row soon after connecting: perhaps another "
                                  "client has the same",
                                  suspicious_losses),
        client_id);
}

}  // namespace pwlog
