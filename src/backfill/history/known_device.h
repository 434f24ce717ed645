// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/map/sample_joiner.h"

namespace pwlog {

/// A time in which a device was read live, from its first to its last document.
struct LiveSpan {
    Timestamp first{};
    Timestamp last{};
    /// The energy up to `first` is in the index already, from here on.
    std::optional<Timestamp> counted_since{};
    /// By the document that a history puts before `first`, so from its own last sample on.
    bool by_history = false;
};

/// In order.
struct LiveSpans {
    std::vector<LiveSpan> spans{};

    /// Whether it was read live then, too: that has told what happened.
    bool has(Timestamp time) const;
    /// Whether live documents have what the interval that ends then took.
    bool has_interval(Timestamp time) const;

    std::string save() const;
    static LiveSpans restore(std::string_view text);
};

/// What an index has of a device where a history of it begins.
struct KnownDevice {
    /// Its newest sample from before, or, where its channels have times of their own, those with
    /// the newest of each, the oldest first.
    std::vector<JoinedSample> before{};
    /// Of each alarm the newest beginning from before: when, and the event's id.
    struct Beginning {
        Timestamp since{};
        std::string id{};
    };
    std::map<std::string, Beginning> alarms{};
    LiveSpans live{};  ///< since then
};

/// The document before a live one that has the energy since history's end.
constexpr Timestamp before_live(Timestamp first) { return first - std::chrono::milliseconds(1); }

/// What an index has of devices already. One thread at a time.
class KnownDevices {
  public:
    virtual ~KnownDevices() = default;
    /// Asked once for each device, with the time at which its history begins or goes on.
    virtual KnownDevice find(const std::string& device, Timestamp from) = 0;
    /// What was read live at this very time.
    virtual std::optional<JoinedSample> live_at(const std::string& device, Timestamp time) = 0;
};

}  // namespace pwlog
