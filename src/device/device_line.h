// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "device/pace.h"
#include "device/patience.h"
#include "link/link.h"

namespace pwlog {

/// How one line is talked to.
struct LineOptions {
    /// Left between an answer and the next question; some controllers of this family get confused
    /// when asked too fast (networkupstools/nut#1450).
    std::chrono::milliseconds query_gap{20};
    /// From the end of a request until the answer's first byte: the device's own thinking.
    std::chrono::milliseconds answer_timeout{600};
    /// Of that so much even for a device that was never seen to need it.
    std::chrono::milliseconds least_patience{200};
    /// Silence inside an answer after which it is cut off. Far above what adapters hold back (FTDI:
    /// 16 ms).
    std::chrono::milliseconds byte_timeout{120};
    /// A drained line has been silent for this long.
    std::chrono::milliseconds quiet_time{80};
};

/// One answer: what it said and when its last byte had come.
struct Answer {
    std::string payload;
    WallTime completed;
};

/// An open link with a sense of time: one frame out, one frame in, the gap between them, and how
/// long this device uses to think and to speak. What an answer means is not its business.
class DeviceLine {
  public:
    DeviceLine(std::unique_ptr<Link> link, const LineOptions& options, const Clock& clock)
        : link_(std::move(link)),
          options_(options),
          clock_(clock),
          patience_(options.least_patience) {}

    const std::string& name() const { return link_->name(); }

    /// Forgets what was heard and sends `question` with its carriage return.
    Result<void> send(std::string_view question, const std::stop_token& stop);

    /// For how long the first byte of an answer is waited for.
    enum class Wait {
        as_learned,     ///< what this device uses to need, with plenty to spare
        as_configured,  ///< the whole answer_timeout: for a device that has just failed to answer
    };
    /// The frame that comes next. Errors: `timeout` (nothing came), `garbled` (cut off, or noise
    /// without an end), those of the link.
    Result<Answer> receive(std::string_view question, std::size_t payload_bytes, Wait wait,
                           const std::stop_token& stop);

    /// Reads and forgets until the line has been silent for so long; after a time-out it has been
    /// already. `garbled` where it never falls silent.
    Result<void> drain(std::chrono::milliseconds silence, const std::stop_token& stop);

    /// Waits out the gap with an ear on the line: bytes that come now belong to no question (a
    /// doubled or late answer), and what follows them would be taken for the next answer:
    /// `garbled`.
    Result<void> keep_gap(const std::stop_token& stop);

  private:
    std::unique_ptr<Link> link_;
    LineOptions options_;
    const Clock& clock_;
    SteadyTime gap_ends_{};      // no question before
    SteadyTime request_ends_{};  // when the last request's bytes are through the wire
    SteadyTime last_heard_{};
    Patience patience_;
    Pace pace_;
};

}  // namespace pwlog
