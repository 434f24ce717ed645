// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace pwlog {

/// How far apart the samples of a source mostly are, from the last few: what is further apart than
/// three times that is a gap. One gap does not change it.
class SourcePace {
  public:
    using milliseconds = std::chrono::milliseconds;

    /// `least`: never taken to be shorter.
    milliseconds longest_gap(milliseconds least) const;
    void note(milliseconds spacing);

    std::string save() const;
    void restore(std::string_view text);

  private:
    std::array<milliseconds, 5> last_{};  ///< spacings, the newest first; 0 = none yet
};

}  // namespace pwlog
