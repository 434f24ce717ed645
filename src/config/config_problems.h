// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pwlog {

/// Where something stands: in a line of a file.
struct ConfigPlace {
    std::string file{};      ///< empty: the main one
    std::uint32_t line = 0;  ///< 0 = the file as a whole
};

/// What was found wrong in a configuration: a line each, sorted by where they are.
class ConfigProblems {
  public:
    explicit ConfigProblems(std::string file) : file_(std::move(file)) {}

    /// The text is made printable here.
    void add(const ConfigPlace& place, std::string_view text);
    /// "line 7", or with its file where that is another one than `from` is in.
    std::string line_text(const ConfigPlace& place, const ConfigPlace& from) const;
    bool empty() const { return count_ == 0; }
    /// Whether further texts are counted only.
    bool full() const { return count_ >= most_lines; }
    /// All lines, joined by line breaks; after 50 only the number of the rest.
    std::string text() const;

  private:
    static constexpr std::size_t most_lines = 50;

    std::string file_;
    std::size_t count_ = 0;
    // By file and line; the main file is first, as its name here is empty.
    std::multimap<std::pair<std::string, std::uint32_t>, std::string> texts_;
};

/// What the parser tells of a file that is no TOML, in words of this project's users.
std::string syntax_problem(std::string_view told);

/// The known name that `name` was probably meant to be, at most so many letters off (none: by its
/// length); empty if none is near.
std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& known,
                              std::optional<std::size_t> most_off = {});

}  // namespace pwlog
