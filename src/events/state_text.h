#pragma once

#include <map>
#include <string>
#include <string_view>

namespace pwlog {

/// Names and values kept as text between two runs: `name<TAB>value` lines. What cannot be read is
/// left out: a lost state costs an event at most, never a start.
class StateText {
  public:
    static StateText parse(std::string_view text);
    std::string text() const;

    void set(const std::string& name, std::string value);
    /// Empty where the name is not there.
    std::string get(const std::string& name) const;
    const std::map<std::string, std::string>& all() const { return values_; }

  private:
    std::map<std::string, std::string> values_;
};

}  // namespace pwlog
