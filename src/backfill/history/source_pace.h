// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace pwlog {

/// How far apart the samples of one document of a source mostly are, from the last few: what is
/// further apart than three times that is a gap. One gap does not change it. Each document has its
/// own: the values of a device may have times of their own, as in a home's history.
class SourcePace {
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
