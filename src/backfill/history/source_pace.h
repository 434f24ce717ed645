// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "document/sample.h"
#include "protocol/pdu.h"

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

/// The paces of one device: of its input, of each outlet, of an ATS or UPS.
class DevicePaces {
  public:
    /// `least`: none is taken to be shorter.
    explicit DevicePaces(std::chrono::milliseconds least) : least_(least) {}

    SourcePace& of(const Sample& sample);
    std::chrono::milliseconds gap_of(const Sample& sample) {
        return of(sample).longest_gap(least_);
    }
    /// Of the values that come most often.
    std::chrono::milliseconds longest_gap() const;

    std::vector<std::string> save() const;
    void restore(const std::vector<std::string>& texts);

  private:
    std::chrono::milliseconds least_;
    std::array<SourcePace, pdu::outlet_count + 2> paces_;
};

}  // namespace pwlog
