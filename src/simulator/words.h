// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pwlog::simulator {

/// A directive's words, taken one after the other. The first one that is not what was asked for is
/// kept as the error, which says what was expected and what stood there; every value after that is
/// empty, so that a reader asks only once, with finish().
class Words {
  public:
    explicit Words(std::string_view text);

    bool at_end() const { return next_ == words_.size(); }
    /// The next word, empty at the end; stays there.
    std::string_view peek() const { return at_end() ? std::string_view() : words_[next_]; }
    /// Takes the next word if it is this one.
    bool take_if(std::string_view word);

    /// `what` names what is missing.
    std::string take(std::string_view what);
    double take_number(std::string_view what, double least, double greatest);
    int take_whole(std::string_view what, int least, int greatest);  ///< also 0x…
    /// A number, or `auto` for none.
    std::optional<double> take_number_or_auto(std::string_view what, double least, double greatest);
    /// `0.05` or `5%`.
    double take_share(std::string_view what);
    /// `12.5s`, `500ms`, `2m`, `1h`.
    std::chrono::nanoseconds take_duration(std::string_view what);
    /// `on` or `1`, `off` or `0`.
    bool take_switch(std::string_view what);
    std::optional<bool> take_switch_or_auto(std::string_view what);
    /// Its index among these.
    std::size_t take_name(std::string_view what, std::span<const std::string_view> names);
    /// Everything left, with single spaces.
    std::string take_rest();
    /// The next word is none of those expected: `message`, and what stands there.
    std::nullptr_t refuse(std::string_view message);
    /// What was wrong first, or that something is left.
    Result<void> finish() const;

  private:
    double take_number(std::string_view word, std::string_view what, double least, double greatest);
    void expect(std::string_view what, std::string_view word);
    void fail_with(std::string message);

    std::vector<std::string> words_;
    std::size_t next_ = 0;
    std::optional<std::string> error_;
};

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace pwlog::simulator
