// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <span>
#include <tuple>

#include "document/sample.h"

namespace pwlog {

/// The least and the greatest of what was read since the last document, so that a dip between two
/// documents is not lost: of every field whose NAME_min and NAME_max are in the table.
class Extremes {
  public:
    void add(std::span<const Sample> samples);
    void add(const Sample& sample);

    /// Gives the sample those of its own fields.
    void write_into(Sample& sample) const;

  private:
    struct Range {
        FieldValue least;
        FieldValue greatest;
    };
    std::map<std::tuple<DocumentKind, int, Field>, Range> ranges_;
};

}  // namespace pwlog
