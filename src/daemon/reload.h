// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pwlog {

/// By which of Config::marks a change takes effect without a restart.
bool is_reloaded(std::string_view mark);

/// What differs between two of them.
std::set<std::string> changed_marks(const std::map<std::string, std::string>& before,
                                    const std::map<std::string, std::string>& now);

/// What of a new configuration waits for a restart: names of sections and keys.
using WaitsForRestart = std::vector<std::string>;

/// Reading the configuration again: asked for by SIGHUP or over the control socket, done by the
/// main thread, whose outcome whoever asked waits for. Thread-safe.
class Reload {
  public:
    /// Any thread but the main one: has it done, and returns how that ended.
    Result<WaitsForRestart> ask(const std::stop_token& stop);

    /// The main thread, at SIGHUP: before it reads, and how that ended.
    void begins();
    void ended(const Result<WaitsForRestart>& outcome);

    /// What the process was started with (Config::marks), and what of a later one is in force.
    /// Returns what is not.
    void started_with(std::map<std::string, std::string> marks);
    WaitsForRestart took_over(const std::map<std::string, std::string>& marks);
    std::map<std::string, std::string> marks() const;

    /// Why the last one failed; empty where it did not.
    std::string error() const;
    /// What waits for a restart since the last one that did not fail.
    WaitsForRestart waiting() const;

  private:
    mutable std::mutex mutex_;  // what follows
    std::condition_variable_any ended_;
    std::uint64_t begun_count_ = 0;
    std::uint64_t ended_count_ = 0;
    Result<WaitsForRestart> last_;
    WaitsForRestart waiting_;
    std::map<std::string, std::string> marks_;
};

}  // namespace pwlog
