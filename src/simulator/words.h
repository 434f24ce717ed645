// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pwlog::simulator {

/// A directive's words, taken one after the other. Each function says in its error what it expected
/// and what stood there.
class Words {
  public:
    explicit Words(std::string_view text);

    bool at_end() const { return next_ == words_.size(); }
    /// The next word, empty at the end; stays there.
    std::string_view peek() const { return at_end() ? std::string_view() : words_[next_]; }
    /// Takes the next word if it is this one.
    bool take_if(std::string_view word);

    /// `what` names what is missing.
    Result<std::string> take(std::string_view what);
    Result<double> take_number(std::string_view what, double least, double greatest);
    Result<int> take_whole(std::string_view what, int least, int greatest);  ///< also 0x…
    /// A number, or `auto` for none.
    Result<std::optional<double>> take_number_or_auto(std::string_view what, double least,
                                                      double greatest);
    /// `12.5s`, `500ms`, `2m`, `1h`.
    Result<std::chrono::nanoseconds> take_duration(std::string_view what);
    /// `on` or `1`, `off` or `0`.
    Result<bool> take_switch(std::string_view what);
    /// Everything left, with single spaces.
    std::string take_rest();
    /// An error if anything is left.
    Result<void> finish() const;

  private:
    std::vector<std::string> words_;
    std::size_t next_ = 0;
};

Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace pwlog::simulator
