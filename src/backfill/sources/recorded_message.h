// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pwlog {

/// A line of mqtt_recorder's: topic, payload, QoS, retained, time, seconds since the line before.
///
///     home/pdu/power/in,"{""w"": 10, ""va"": 12}",0,False,1795377817.2149804,0.5
struct RecordedMessage {
    std::string topic;
    std::string payload;
    bool retained = false;
    std::string time;
};

/// None: it is no such line.
std::optional<RecordedMessage> read_recorded(std::string_view line);

}  // namespace pwlog
