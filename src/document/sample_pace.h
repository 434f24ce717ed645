// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace pwlog {

/// What is further apart than so many intervals is a gap.
inline constexpr int intervals_in_gap = 3;

/// How far apart samples mostly are where no configuration says it, from the last few: one
/// gap does not change it.
class SamplePace {
  public:
    using milliseconds = std::chrono::milliseconds;

    /// `least`: never taken to be shorter.
    milliseconds longest_gap(milliseconds least) const;
    bool is_known() const { return last_.front().count() > 0; }
    void note(Timestamp time);
    /// The sample before.
    std::optional<Timestamp> newest() const { return newest_; }

    std::string save() const;
    void restore(std::string_view text);

  private:
    void find_middle();

    std::optional<Timestamp> newest_;
    std::array<milliseconds, 5> last_{};  ///< spacings, the newest first; 0 = none yet
    milliseconds middle_{};               ///< of those; of two the shorter one
};

}  // namespace pwlog
