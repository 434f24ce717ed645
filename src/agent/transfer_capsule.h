#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "protocol/reading.h"

namespace pwlog {

/// Keeps what was read in the last minute; at a transfer hands that out, and the minute that
/// follows. So the seconds around a transfer are there in full, and the quiet days are not.
class TransferCapsule {
  public:
    static constexpr auto before = std::chrono::seconds(60);
    static constexpr auto after = std::chrono::seconds(60);

    struct Kept {
        Timestamp time;
        AtsReading reading;
        std::string transfer;  ///< the event.id it belongs to
    };

    void add(Timestamp time, const AtsReading& reading);
    /// A transfer at `time`; one within the minute after another joins its capsule.
    void open(Timestamp time, const std::string& transfer);
    bool is_open(Timestamp now) const { return !transfer_.empty() && now < until_; }
    bool has_kept() const { return !kept_.empty(); }
    /// Hands out what belongs into an open capsule, once.
    std::vector<Kept> take();

  private:
    std::deque<std::pair<Timestamp, AtsReading>> ring_;
    std::vector<Kept> kept_;
    std::string transfer_;
    Timestamp until_{};
};

}  // namespace pwlog
