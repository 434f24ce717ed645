// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "base/clock.h"
#include "protocol/reading.h"

namespace pwlog {

/// Keeps what was read in the last minute; at a transfer hands that out, and the minute that
/// follows. So the seconds around a transfer are there in full, and the quiet days are not. How
/// long ago something was read is measured on the monotonic clock.
class TransferCapsule {
  public:
    static constexpr auto before = std::chrono::seconds(60);
    static constexpr auto after = std::chrono::seconds(60);

    struct Kept {
        Timestamp time;
        AtsReading reading;
        std::string transfer;  ///< the event.id it belongs to
    };

    /// Read at `now`, and named by `time`.
    void add(SteadyTime now, Timestamp time, const AtsReading& reading);
    /// The device was away: what was read before tells nothing of a transfer seen after it.
    void forget_recent() { ring_.clear(); }
    /// A transfer seen at `now`; one within the minute after another joins its capsule.
    void open(SteadyTime now, const std::string& transfer);
    bool is_open(SteadyTime now) const { return !transfer_.empty() && now < until_; }
    bool has_kept() const { return !kept_.empty(); }
    /// Hands out what belongs into an open capsule, once.
    std::vector<Kept> take();

  private:
    struct Recent {
        SteadyTime read_at;
        Timestamp time;
        AtsReading reading;
    };
    std::deque<Recent> ring_;
    std::vector<Kept> kept_;
    std::string transfer_;
    SteadyTime until_{};
};

}  // namespace pwlog
