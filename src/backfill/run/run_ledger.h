// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <span>

#include "backfill/run/resume_state.h"
#include "backfill/run/stretch.h"
#include "base/clock.h"

namespace pwlog {

/// Books what is decided, in the source's order: stretches come back in any order, rejects are
/// written and the resume state moves on only behind an unbroken row of them. Any thread.
class RunLedger {
  public:
    /// Without a file nothing is saved. `rejects`: one for each source that is read, or one for all
    /// of them, or none; must outlive this.
    RunLedger(ResumeState start, std::optional<ResumeFile> file, std::span<RejectsFile> rejects,
              const Clock& clock);

    /// A stretch whose documents are all decided; it is emptied.
    Result<void> book(Stretch& stretch);
    /// Saves where it stands now; called once more at the end.
    Result<void> save();
    /// The run is complete: there is nothing to resume.
    Result<void> forget();

    /// What is decided so far, in whatever order, earlier parts of a resumed run included.
    Tally tally() const;

  private:
    struct Booked {
        Tally tally;
        SourcePosition end;
        std::vector<RejectedLine> rejects;
    };
    Result<void> advance(Booked booked);
    Result<void> sync_rejects();
    Result<void> save_locked();

    mutable std::mutex mutex_;
    ResumeState state_;
    std::optional<ResumeFile> file_;
    std::span<RejectsFile> rejects_;
    const Clock& clock_;
    Tally tally_;
    std::uint64_t next_ = 0;
    std::map<std::uint64_t, Booked> early_;
    SteadyTime saved_at_;
};

}  // namespace pwlog
