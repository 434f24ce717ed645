// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "terminal/exit_code.h"
#include "watch/watch_feed.h"
#include "watch/watch_model.h"
#include "watch/watch_terminal.h"

namespace pwlog {

/// What `watch` was asked for.
struct WatchWishes {
    std::vector<std::string> devices;     ///< these only; empty: all
    std::optional<std::int64_t> samples;  ///< of each device, then it ends; none: until it is told
    /// Called now and then: another feed, once there is a better one.
    std::function<std::unique_ptr<WatchFeed>()> look_for_better;
};

/// What the signals that end a watch, and a new size of the terminal, are turned into: blocked from
/// here on, so before the first thread.
class WatchSignals {
  public:
    enum class Kind { none, stop, resize };
    WatchSignals();
    int fd() const { return fd_.get(); }
    Kind take() const;

  private:
    UniqueFd fd_;
};

/// The full screen, until q, Ctrl-C or a signal.
ExitCode watch_screen(std::unique_ptr<WatchFeed> feed, const WatchWishes& wishes,
                      const WatchSignals& signals, WatchTerminal& terminal);

/// A line for each device and sample; for files, pipes and scripts.
ExitCode watch_lines(std::unique_ptr<WatchFeed> feed, const WatchWishes& wishes,
                     const WatchSignals& signals);

}  // namespace pwlog
