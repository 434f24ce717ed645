// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <stop_token>

#include "base/unique_fd.h"

namespace pwlog {

/// Makes a stop request visible to poll(): its descriptor becomes readable, and stays so, once a
/// stop is requested.
class StopEvent {
  public:
    explicit StopEvent(const std::stop_token& stop);
    int fd() const { return event_.get(); }
    /// What poll() beside it may wait, in ms, negative for ever: not for long where the process had
    /// no descriptor left for it, as the stop does not end the wait then.
    int longest_wait(int wanted) const {
        constexpr int look = 100;
        return fd() >= 0 ? wanted : wanted < 0 ? look : std::min(wanted, look);
    }

  private:
    struct Wake {
        int fd;
        void operator()() const noexcept;
    };
    UniqueFd event_;
    std::stop_callback<Wake> wake_;  // last: it uses event_
};

}  // namespace pwlog
