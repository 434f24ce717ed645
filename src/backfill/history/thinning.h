// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/document.h"
#include "document/sample.h"

namespace pwlog {

/// Makes one document of the samples of an interval, where a source has more than are wanted: as
/// live, the first sample behind a tick becomes it, with the least and the greatest of what was
/// read since the one before. What only those had goes in with it.
class Thinning {
  public:
    /// None: each sample is a document.
    explicit Thinning(std::optional<std::chrono::milliseconds> interval) : interval_(interval) {}

    /// Samples of one time, complete; returned is what becomes documents now.
    std::vector<Sample> take(std::vector<Sample> samples);
    /// What waits, as of its newest sample: nothing follows it.
    std::vector<Sample> flush();
    /// A document of this time is there already.
    void begin_at(Timestamp time) {
        last_ = time;
        waiting_.clear();
    }

    std::string save(const Origin& origin, const DeviceTag& device) const;
    void restore(std::string_view text);

  private:
    std::optional<std::chrono::milliseconds> interval_;
    std::optional<Timestamp> last_;  ///< of the newest document
    Timestamp newest_{};             ///< of what waits
    std::map<std::pair<DocumentKind, int>, Sample> waiting_;
};

}  // namespace pwlog
