// SPDX-License-Identifier: MIT
#include "backfill/sources/mqtt_topic.h"

#include <optional>

namespace pwlog {
namespace {

// `in` is 0, `out3` is 3.
std::optional<int> channel(std::string_view name) {
    if (name == "in") {
        return 0;
    }
    const bool outlet =
        name.size() == 4 && name.starts_with("out") && name[3] >= '1' && name[3] <= '8';
    return outlet ? std::optional(name[3] - '0') : std::nullopt;
}

// Cuts `/last` off; empty where there is no slash.
std::string_view take_last(std::string_view& topic) {
    const std::size_t slash = topic.rfind('/');
    if (slash == topic.npos) {
        return {};
    }
    const auto last = topic.substr(slash + 1);
    topic = topic.substr(0, slash);
    return last;
}

// The library has the prefix twice before a UPS's topics.
std::string_view once(std::string_view prefix) {
    const std::size_t half = prefix.size() / 2;
    const bool is_twice = prefix.size() % 2 == 1 && prefix[half] == '/' &&
                          prefix.substr(0, half) == prefix.substr(half + 1);
    return is_twice ? prefix.substr(0, half) : prefix;
}

MqttTopic power_topic(std::string_view last, std::string_view rest) {
    MqttTopic topic;
    topic.prefix = rest;
    if (auto above = rest; take_last(above) == "pdu") {
        topic.prefix = above;
    }
    const bool watts = last.ends_with("_w");
    const bool volt_amperes = last.ends_with("_va");
    const auto name = last.substr(0, last.size() - (watts ? 2 : volt_amperes ? 3 : 0));
    if (const auto number = channel(name)) {
        topic.number = *number;
        topic.about = watts          ? MqttTopic::About::watts
                      : volt_amperes ? MqttTopic::About::volt_amperes
                                     : MqttTopic::About::power;
    }
    return topic;
}

}  // namespace

bool is_topic_of_ours(std::string_view text) {
    return read_mqtt_topic(text).about != MqttTopic::About::other;
}

MqttTopic read_mqtt_topic(std::string_view text) {
    MqttTopic topic;
    const auto last = take_last(text);
    const auto group = take_last(text);
    if (group == "power") {
        return power_topic(last, text);
    }
    topic.prefix = text;
    if (last == "status" && group == "pdu") {
        topic.about = MqttTopic::About::pdu_status;
    } else if (last == "status" && group == "ats") {
        topic.about = MqttTopic::About::ats_status;
    } else if (group == "outlet" && take_last(topic.prefix) == "pdu" && channel(last) > 0) {
        topic.about = MqttTopic::About::outlet;
        topic.number = *channel(last);
    } else if (group == "supply" && take_last(topic.prefix) == "ats" &&
               (last == "src1" || last == "src2")) {
        topic.about = MqttTopic::About::supply;
        topic.number = last[3] - '0';
    } else if (group == "ups" && last.find('.') != last.npos) {
        topic.about = MqttTopic::About::ups;
        topic.variable = last;
        topic.prefix = once(text);
    }
    return topic;
}

}  // namespace pwlog
