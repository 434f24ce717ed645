#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace pwlog {

/// Reading the configuration again: asked for by SIGHUP or over the control socket, done by the
/// main thread, whose outcome whoever asked waits for. Thread-safe.
class Reload {
  public:
    /// Any thread but the main one: has it done, and returns how that ended.
    Result<void> ask(const std::stop_token& stop);

    /// The main thread, at SIGHUP: does it.
    Result<void> perform(const std::function<Result<void>()>& read);

    /// Why the last one failed; empty where it did not.
    std::string error() const;

  private:
    mutable std::mutex mutex_;  // what follows
    std::condition_variable_any ended_;
    std::uint64_t begun_count_ = 0;
    std::uint64_t ended_count_ = 0;
    Result<void> last_;
};

}  // namespace pwlog
