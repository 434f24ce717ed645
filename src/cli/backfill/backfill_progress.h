// SPDX-License-Identifier: MIT
#pragma once

#include <mutex>
#include <string>

#include "backfill/run/backfill_job.h"

namespace pwlog {

/// Tells a person how a backfill is doing, on standard error: one line that is written over on a
/// terminal, a plain line every ten seconds otherwise; notes above it. Any thread.
class BackfillProgress {
  public:
    BackfillProgress(std::string source, bool quiet, const Clock& clock);
    ~BackfillProgress();
    BackfillProgress(const BackfillProgress&) = delete;
    BackfillProgress& operator=(const BackfillProgress&) = delete;

    void show(const Snapshot& snapshot);
    void note(const std::string& text);
    /// Takes the line away.
    void finish();

  private:
    static constexpr int most_notes = 50;

    void wipe();
    std::string line(const Snapshot& snapshot) const;

    std::mutex mutex_;
    std::string source_;
    bool quiet_;
    bool terminal_;
    const Clock& clock_;
    SteadyTime started_;
    SteadyTime shown_at_;
    std::optional<Snapshot> first_;  // a resumed run doesn't begin at zero
    int notes_ = 0;
    bool line_shown_ = false;
};

}  // namespace pwlog
