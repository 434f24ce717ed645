#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "spool/spool_directory.h"
#include "spool/spool_file.h"

namespace pwlog {

/// A SpoolFile with someone who looks after it: reopens it after repeated failures, has it salvaged
/// where it is damaged, makes do with its present size while the disk is full. One thread at a
/// time.
class TendedFile {
  public:
    static Result<std::unique_ptr<TendedFile>> open(SpoolDirectory directory,
                                                    const SpoolFileOptions& options,
                                                    const Clock& clock);

    /// Does something with the file; once more where the failure could be mended. What is done may
    /// not leave traces when it fails, as a Store::write() doesn't.
    template <class T>
    Result<T> attempt(const std::function<Result<T>(SpoolFile&)>& what) {
        if (auto there = ensure_open(); !there) {
            return pass_on(there);
        }
        auto result = what(*file_);
        if (!result && mend(result.error())) {
            result = what(*file_);
        }
        if (result) {
            failures_ = 0;
        }
        return result;
    }

    /// Once the disk has room again: lets the file grow, and makes the ballast for the next time.
    void look_after_disk();
    bool is_disk_full() const { return file_ && !file_->store().is_growing(); }

    /// As it was last, where the file cannot be opened at the moment.
    const SpoolInfo& info();
    /// Null while it cannot be opened.
    const SpoolFile* file() const { return file_.get(); }

  private:
    TendedFile(SpoolDirectory directory, const SpoolFileOptions& options, const Clock& clock)
        : directory_(std::move(directory)), options_(options), clock_(clock) {}
    Result<void> ensure_open();
    bool mend(const Error& error);
    bool rebuild(const Error& error);
    bool stop_growing();
    bool reopen();

    SpoolDirectory directory_;
    SpoolFileOptions options_;
    const Clock& clock_;
    std::unique_ptr<SpoolFile> file_;
    std::optional<Ledger> books_;  // of the last time it was open
    SpoolInfo last_info_;
    int failures_ = 0;
    SteadyTime next_reopening_{};
    SteadyTime next_complaint_{};
};

}  // namespace pwlog
