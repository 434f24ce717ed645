// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>

#include "base/unique_fd.h"

namespace pwlog {

/// Makes a stop request visible to poll(): its descriptor becomes readable, and stays so, once a
/// stop is requested.
class StopEvent {
  public:
    explicit StopEvent(const std::stop_token& stop);
    int fd() const { return event_.get(); }

  private:
    struct Wake {
        int fd;
        void operator()() const noexcept;
    };
    UniqueFd event_;
    std::stop_callback<Wake> wake_;  // last: it uses event_
};

}  // namespace pwlog
