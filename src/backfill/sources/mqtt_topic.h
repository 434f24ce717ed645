// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace pwlog {

/// What a topic is about: `P/pdu/outlet/out3` is prefix P, pdu, outlet, 3.
struct MqttTopic {
    enum class About {
        other,
        power,
        watts,
        volt_amperes,
        outlet,
        pdu_status,
        supply,
        ats_status,
        ups
    };
    About about = About::other;
    std::string_view prefix;
    std::string_view variable;  ///< of a UPS, by NUT's name
    int number = 0;             ///< outlet, 0 for the input; source 1 or 2
    bool is_ats() const { return about == About::supply || about == About::ats_status; }
};

bool is_topic_of_ours(std::string_view text);

/// What the Python library's topics are about, whichever of its versions published them.
MqttTopic read_mqtt_topic(std::string_view text);

}  // namespace pwlog
