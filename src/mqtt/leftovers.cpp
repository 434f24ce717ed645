// SPDX-License-Identifier: MIT
#include "mqtt/leftovers.h"

#include <algorithm>
#include <utility>

#include "base/json_object.h"
#include "mqtt/discovery.h"
#include "mqtt/state_messages.h"

namespace pwlog {
namespace {

constexpr std::string_view own = "pwlog_";
constexpr std::string_view pwlogs = R"("origin":{"name":"pwlog")";
/// Of a device and its entity: no id has more than 64 bytes, of which a point becomes three.
constexpr std::size_t longest_names = 400;

/// The name at Home Assistant of the device that a topic announces; empty: of none of ours.
std::string announced_id(std::string_view topic, std::string_view prefix) {
    constexpr std::string_view end = "/config";
    if (topic.size() < prefix.size() + end.size() || !topic.starts_with(prefix) ||
        !topic.ends_with(end)) {
        return {};
    }
    topic.remove_prefix(prefix.size());
    topic.remove_suffix(end.size());
    const auto platform = topic.find('/');
    if (platform == std::string_view::npos) {
        return {};
    }
    topic.remove_prefix(platform + 1);
    if (topic.size() > longest_names) {
        return {};
    }
    topic = topic.substr(0, topic.find('/'));
    return topic.starts_with(own) ? std::string(topic) : std::string();
}

/// The two that home_id() makes one of.
std::vector<std::string> device_ids(const std::string& home) {
    const std::string id = home.substr(own.size());
    std::string with_points = id;
    for (auto at = with_points.find("_2e"); at != std::string::npos;
         at = with_points.find("_2e", at)) {
        with_points.replace(at, 3, ".");
    }
    return with_points == id ? std::vector{id} : std::vector{id, with_points};
}

/// In the words in which only we write them.
bool names(const std::string& payload, const std::string& availability_topic) {
    JsonObject entry;
    entry.add("topic", availability_topic);
    return payload.find(entry.take()) != std::string::npos;
}

}  // namespace

Leftovers::Leftovers(const std::string& discovery_prefix, std::string presence_topic,
                     BoardOptions board)
    : prefix_(discovery_prefix + "/"),
      presence_(std::move(presence_topic)),
      board_(std::move(board)) {
    for (const auto& [id, topic] : availability_topics(board_)) {
        places_.emplace_back(home_id(id), topic);
    }
}

std::vector<MqttMessage> Leftovers::last_words(const Incoming& message) const {
    const auto id = announced_id(message.topic, prefix_);
    if (!message.retained || id.empty() || !is_ours(message.payload) ||
        is_announced(id, message.payload)) {
        return {};
    }
    auto words = absences(id, message.payload);
    words.insert(words.begin(), {message.topic, ""});
    return words;
}

bool Leftovers::is_rivals(const Incoming& message) const {
    const auto id = announced_id(message.topic, prefix_);
    return !id.empty() && message.payload.find(pwlogs) != std::string::npos &&
           !is_ours(message.payload) &&
           std::none_of(places_.begin(), places_.end(),
                        [&](const auto& place) { return place.first == id; }) &&
           std::any_of(places_.begin(), places_.end(),
                       [&](const auto& place) { return names(message.payload, place.second); });
}

bool Leftovers::is_ours(const std::string& payload) const {
    JsonObject entry;
    entry.add("topic", presence_);
    entry.add("payload_available", "1");
    auto words = entry.take();
    words.pop_back();  // more stands there
    return payload.find(pwlogs) != std::string::npos && payload.find(words) != std::string::npos;
}

bool Leftovers::is_announced(const std::string& id, const std::string& payload) const {
    return board_.home && std::any_of(places_.begin(), places_.end(), [&](const auto& place) {
               return place.first == id && names(payload, place.second);
           });
}

/// Only of topics that may have been ours, and are no configured device's: the message may be
/// anybody's work.
std::vector<MqttMessage> Leftovers::absences(const std::string& id,
                                             const std::string& payload) const {
    std::vector<std::string> above{board_.prefix};
    for (const auto& device : device_ids(id)) {
        above.push_back(board_.prefix + "/" + device);
    }
    std::vector<MqttMessage> messages;
    for (const auto& place : above) {
        for (const auto* const kind : {"pdu", "ats", "ups"}) {
            auto message = availability_message(place, kind, false);
            const bool is_taken =
                std::any_of(places_.begin(), places_.end(),
                            [&](const auto& other) { return other.second == message.topic; });
            if (!is_taken && names(payload, message.topic)) {
                messages.push_back(std::move(message));
            }
        }
    }
    return messages;
}

}  // namespace pwlog
