// SPDX-License-Identifier: MIT
#include "mqtt/complaints.h"

#include <fmt/format.h>

namespace pwlog {
namespace {

/// An access list that forbids everything is not a line for each of a hundred topics.
constexpr std::size_t most_told = 5;

}  // namespace

bool Complaints::add(const std::string& topic, const std::string& reason) {
    open_.insert_or_assign(topic, reason);
    return told_.size() < most_told && told_.insert(topic).second;
}

std::string Complaints::text() const {
    if (open_.empty()) {
        return {};
    }
    const auto& [topic, reason] = *open_.begin();
    const auto more = open_.size() - 1;
    return fmt::format(
        "the broker does not take {}: {}{}", topic, reason,
        more == 0 ? "" : fmt::format(" (and {} more topic{})", more, more == 1 ? "" : "s"));
}

}  // namespace pwlog
