// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pwlog {

/// By which of Config::marks a change takes effect without a restart.
bool is_reloaded(std::string_view mark);

/// Reading the configuration again: asked for by SIGHUP or over the control socket, done by the
/// main thread, whose outcome whoever asked waits for. Thread-safe.
class Reload {
  public:
    /// Any thread but the main one: has it done, and returns how that ended.
    Result<void> ask(const std::stop_token& stop);

    /// The main thread, at SIGHUP: does it.
    Result<void> perform(const std::function<Result<void>()>& read);

    /// What the process was started with (Config::marks), and what of a later one is in force: the
    /// log level and `switchable`.
    void started_with(std::map<std::string, std::string> marks);
    void took_over(const std::map<std::string, std::string>& marks);
    std::map<std::string, std::string> marks() const;

    /// Why the last one failed; empty where it did not.
    std::string error() const;

  private:
    mutable std::mutex mutex_;  // what follows
    std::condition_variable_any ended_;
    std::uint64_t begun_count_ = 0;
    std::uint64_t ended_count_ = 0;
    Result<void> last_;
    std::map<std::string, std::string> marks_;
};

}  // namespace pwlog
