// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backfill/sources/mapped_source.h"
#include "backfill/sources/mqtt_places.h"

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

/// Recordings of the topics that the Python library publishes, one message a line, made by
/// `mosquitto_sub -F '%I %t %p'`, `'%U %t %p'`, `%j` or `%J`:
///
///     2026-11-22T20:03:36+0000 homelab/pdu/power/in {"w": 10, "va": 12, "a": 0.1}
///     1795377817.214980448 homelab/power/in_w 55
///     {"tst":"2026-11-22T20:03:37.698067Z+0000","topic":"homelab/…","retain":0,"payload":"…"}
///
/// Topics of others are ignored, and so are alerts (the bits they are made from are there) and
/// retained messages, whose time is that of the subscription.
std::unique_ptr<ValueParser> make_mqtt_parser(MqttDevices devices);

}  // namespace pwlog
