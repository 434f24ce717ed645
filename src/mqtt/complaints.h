// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

namespace pwlog {

/// What a broker would not take: told once for each topic, shown until it takes it. One thread.
class Complaints {
  public:
    /// True: worth a line in the log.
    bool add(const std::string& topic, const std::string& reason);
    void settle(const std::string& topic) { open_.erase(topic); }
    /// Another connection may fare better.
    void forget() { open_.clear(); }

    /// By topic, with the reason.
    const std::map<std::string, std::string>& open() const { return open_; }
    bool is_open(const std::string& topic) const { return open_.contains(topic); }
    /// `P/event: Not authorized (and 3 more topics)`; empty where all is well.
    std::string text() const;

  private:
    std::map<std::string, std::string> open_;
    std::set<std::string> told_;
};

}  // namespace pwlog
