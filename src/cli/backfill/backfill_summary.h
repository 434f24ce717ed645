// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "backfill/run/backfill_job.h"

namespace pwlog {

/// What was done, at the end, for a person or as JSON.
class BackfillSummary {
  public:
    /// `publishes`: this logger has topics of its own, which a recording may be of.
    BackfillSummary(bool as_json, bool dry_run, bool documents_printed, bool publishes)
        : as_json_(as_json),
          dry_run_(dry_run),
          silent_(documents_printed && !as_json),
          publishes_(publishes) {}

    void add(const BackfillJob& job, const BackfillReport& report);
    void add(const BackfillJob& job, const DryRunReport& dry);
    /// Prints what was added; false where nobody can read it.
    bool print_all() const;

  private:
    bool as_json_;
    bool dry_run_;
    bool silent_;  ///< standard output holds documents
    bool publishes_;
    Tally total_;
    int sources_ = 0;
    std::string text_;
    std::string json_;
};

}  // namespace pwlog
