// SPDX-License-Identifier: MIT
#include "mqtt/leftovers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "mqtt/discovery.h"

namespace pwlog {

Leftovers::Leftovers(const std::string& discovery_prefix, std::string presence_topic,
                     const BoardOptions& board)
    : prefix_(discovery_prefix + "/"), presence_(std::move(presence_topic)) {
    if (!board.home) {
        return;
    }
    for (const auto& [id, above] : places_above(board)) {
        current_.push_back(home_id(id));
    }
}

bool Leftovers::include(const Incoming& message) const {
    constexpr std::string_view end = "/config";
    std::string_view topic = message.topic;
    if (!message.retained || !topic.starts_with(prefix_) || !topic.ends_with(end)) {
        return false;
    }
    topic.remove_prefix(prefix_.size());
    topic.remove_suffix(end.size());
    topic.remove_prefix(std::min(topic.find('/'), topic.size() - 1) + 1);
    const std::string id(topic.substr(0, topic.find('/')));
    return id.starts_with("pwlog_") && is_ours(message.payload) &&
           std::find(current_.begin(), current_.end(), id) == current_.end();
}

/// By the words in which only we write them.
bool Leftovers::is_ours(const std::string& payload) const {
    return payload.find(R"("origin":{"name":"pwlog")") != std::string::npos &&
           payload.find(fmt::format(R"({{"topic":"{}","payload_available":"1")", presence_)) !=
               std::string::npos;
}

}  // namespace pwlog
