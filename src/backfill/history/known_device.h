// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backfill/map/sample_joiner.h"

namespace pwlog {

/// What an index has of a device where a history of it begins.
struct KnownDevice {
    /// Its newest sample from before.
    std::optional<JoinedSample> before{};
    /// Of each alarm the newest beginning from before: when, and the event's id.
    struct Beginning {
        Timestamp since{};
        std::string id{};
    };
    std::map<std::string, Beginning> alarms{};
    /// When it was read live since then, in order.
    struct Span {
        Timestamp first{};
        Timestamp last{};
    };
    std::vector<Span> live{};
};

/// Asked once for each device, with the time at which its history begins or goes on.
using FindKnown = std::function<KnownDevice(const std::string& device, Timestamp from)>;

}  // namespace pwlog
