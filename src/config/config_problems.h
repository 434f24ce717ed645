// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pwlog {

/// What was found wrong in a configuration: a line each, sorted by where they are.
class ConfigProblems {
  public:
    explicit ConfigProblems(std::string file) : file_(std::move(file)) {}

    /// Line 0 = the file as a whole. The text is made printable here.
    void add(std::uint32_t line, std::string_view text);
    bool empty() const { return count_ == 0; }
    /// Whether further texts are counted only.
    bool full() const { return count_ >= most_lines; }
    /// All lines, joined by line breaks; after 50 only the number of the rest.
    std::string text() const;

  private:
    static constexpr std::size_t most_lines = 50;

    std::string file_;
    std::size_t count_ = 0;
    std::multimap<std::uint32_t, std::string> texts_;  // by line
};

/// The known name that `name` was probably meant to be, at most so many letters off (none: by its
/// length); empty if none is near.
std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& known,
                              std::optional<std::size_t> most_off = {});

}  // namespace pwlog
