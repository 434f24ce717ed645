// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mqtt/connection.h"
#include "mqtt/state_board.h"

namespace pwlog {

/// What the broker has kept of this logger's announcements of devices that it does not announce any
/// more, or that have other topics by now: a switch of theirs would be another device's.
class Leftovers {
  public:
    Leftovers(const std::string& discovery_prefix, std::string presence_topic, BoardOptions board);

    /// By which such a message is taken back, and its device said not to be where it was; none
    /// where it is no leftover.
    std::vector<MqttMessage> last_words(const Incoming& message) const;
    /// Whether another logger announces a device of its own with topics that are one of ours, too:
    /// a command there would be for both.
    bool is_rivals(const Incoming& message) const;

  private:
    bool is_ours(const std::string& payload) const;
    bool is_announced(const std::string& id, const std::string& payload) const;
    std::vector<MqttMessage> absences(const std::string& id, const std::string& payload) const;

    std::string prefix_;
    std::string presence_;
    BoardOptions board_;
    /// Of the configured devices: their names at Home Assistant, and their availability's topics.
    std::vector<std::pair<std::string, std::string>> places_;
};

}  // namespace pwlog
