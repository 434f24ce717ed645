// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace pwlog {

/// Names and values kept as text between two runs: `name<TAB>value` lines. What cannot be read is
/// left out: a lost state costs an event at most, never a start.
class StateText {
  public:
    static StateText parse(std::string_view text);
    std::string text() const;

    /// A value has no line feed.
    void set(const std::string& name, std::string value);
    void set(const std::string& name, const std::optional<Timestamp>& time);
    /// Empty where the name is not there.
    std::string get(const std::string& name) const;
    std::optional<Timestamp> get_time(const std::string& name) const;
    /// 0 where it is not there or no whole number.
    std::int64_t get_number(const std::string& name) const;
    const std::map<std::string, std::string>& all() const { return values_; }

  private:
    std::map<std::string, std::string> values_;
};

/// Milliseconds since the epoch.
std::optional<Timestamp> parse_time(std::string_view text);

}  // namespace pwlog
