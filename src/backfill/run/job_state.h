// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "backfill/run/backfill_job.h"
#include "backfill/run/resume_state.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace pwlog {

/// Holds a source for this run, so that a second one of the same does not get into its state. What
/// is no file is held by an empty one beside its state, which is taken away while it is still held.
class SourceHold {
  public:
    SourceHold() = default;
    SourceHold(UniqueFd fd, std::filesystem::path to_remove)
        : fd_(std::move(fd)), to_remove_(std::move(to_remove)) {}
    SourceHold(SourceHold&&) = default;
    SourceHold& operator=(SourceHold&&) = delete;
    ~SourceHold() {
        std::error_code ignored;
        if (fd_ && !to_remove_.empty()) {
            std::filesystem::remove(to_remove_, ignored);
        }
    }

  private:
    UniqueFd fd_;
    std::filesystem::path to_remove_;
};

/// The job's files, or whatever else it is read from, by name.
std::vector<std::string> paths_of(const BackfillJob& job);

/// Every file of the job, or what stands for its index. Error busy: another run of it is at work.
Result<std::vector<SourceHold>> hold_all(const BackfillJob& job);

/// That of a run which begins with the first document.
Result<ResumeState> fresh_state(const BackfillJob& job);

/// The saved state, if it is of this source, cluster and plan; else a fresh one. The second:
/// whether it is the saved one.
Result<std::pair<ResumeState, bool>> find_state(const BackfillJob& job,
                                                const BackfillListener& listener);

}  // namespace pwlog
