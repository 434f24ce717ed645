// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <thread>

namespace pwlog {

/// Signals are waited for, never handled: blocked before the first thread starts, so that every
/// thread inherits that, and taken one by one by `main`. One object per process.
class Signals {
  public:
    enum class Kind {
        stop,        ///< SIGTERM, SIGINT
        reload,      ///< SIGHUP
        sample_now,  ///< SIGUSR1
    };

    /// Blocks them; SIGPIPE is ignored from now on.
    Signals();

    /// The next signal, or none after `at_most`.
    std::optional<Kind> wait(std::chrono::nanoseconds at_most) const;
};

/// For a command that ends by itself: SIGTERM and SIGINT become a stop request.
class StopOnSignal {
  public:
    StopOnSignal();
    std::stop_token token() const { return source_.get_token(); }

  private:
    Signals signals_;
    std::stop_source source_;
    std::jthread watcher_;  // last: it uses the source
};

}  // namespace pwlog
