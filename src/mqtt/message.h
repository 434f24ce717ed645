// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace pwlog {

/// What is said on one topic.
struct MqttMessage {
    std::string topic;
    std::string payload;
    bool operator==(const MqttMessage&) const = default;
};

}  // namespace pwlog
