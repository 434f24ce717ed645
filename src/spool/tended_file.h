// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>

#include "base/clock.h"
#include "spool/disk_refusal.h"
#include "spool/rescue/rescue.h"
#include "spool/spool_directory.h"
#include "spool/spool_file.h"
#include "spool/spool_info.h"

namespace pwlog {

/// A SpoolFile with someone who looks after it: keeps the rule for a disk that refuses, opens it
/// again, replaces it where it is damaged and has what waited copied. One thread at a time.
class TendedFile {
  public:
    /// Where a spool is there and cannot be read now, or there is no room to replace it, it is
    /// tried again later, and open all the same.
    static Result<std::unique_ptr<TendedFile>> open(SpoolDirectory directory,
                                                    const SpoolFileOptions& options,
                                                    const Clock& clock);

    /// Reads; once more where the failure could be mended. What is done may not leave traces when
    /// it fails.
    template <class What, class Answer = std::invoke_result_t<What, SpoolFile&>>
    Answer read(const What& what) {
        if (auto there = ensure_open(); !there) {
            return pass_on(there);
        }
        auto result = what(*file_);
        if (in_memory_) {
            return result;
        }
        if (!result && (is_past_reading() ? replace({ErrorKind::corrupt, result.error().message})
                                          : mend(result.error()))) {
            result = what(*file_);
            if (!result && replace(result.error())) {
                result = what(*file_);
            }
        }
        failures_ = result ? 0 : failures_;
        return result;
    }
    /// The same for what writes; ErrorKind::unavailable during a pause.
    template <class What, class Answer = std::invoke_result_t<What, SpoolFile&>>
    Answer write(const What& what) {
        if (in_memory_) {
            return read(what);
        }
        if (!disk_.may_write()) {
            return fail(ErrorKind::unavailable,
                        "the spool's disk refuses, and is tried again soon: " + disk_.reason());
        }
        const auto commits_before = commits();
        auto result = read(what);
        if (!result && stop_growing(result.error())) {
            result = read(what);
        }
        // What had nothing to write says nothing of the disk.
        if (!result || commits() != commits_before) {
            note_write(result ? std::nullopt : std::optional(result.error()));
        }
        return result;
    }

    /// Asks a full disk whether it lets the file grow again, and now and then one that failed to
    /// read an entry.
    void look_after_disk();
    /// The next try is not to wait: it may be the last.
    void end_pause() {
        disk_.try_now();
        next_reopening_ = {};
    }
    /// Whether the file is one in memory, as the disk has no room for any: it takes what a damaged
    /// one has, and no entries of ours, whose place is WaitingEntries.
    bool is_in_memory() const { return in_memory_; }
    /// Whether what is in memory is to be shipped from there.
    bool is_refused() const { return disk_.is_on() || !file_; }
    /// On a disk that takes what is written, with nothing left to copy.
    bool is_settled() const { return file_ && !in_memory_ && !rescue_ && !disk_.is_on(); }
    bool is_disk_full() const { return file_ && !file_->is_growing(); }

    /// Copies a little of a damaged spool, for at most `budget`; false where nothing is to do now.
    bool rescue(std::chrono::milliseconds budget);

    /// Of the batch that is out: what the cap takes of it counts once its answer has come, when it
    /// may turn out to be stored. Empty for a file that has taken the place of a damaged one, where
    /// all of it waits again as it is copied.
    DocumentMasks& in_flight() { return in_flight_; }

    /// As it was last, where the file cannot be opened at the moment.
    const SpoolInfo& info();
    /// Null while it cannot be opened.
    SpoolFile* file() const { return file_.get(); }

  private:
    TendedFile(SpoolDirectory directory, const SpoolFileOptions& options, const Clock& clock)
        : directory_(std::move(directory)), options_(options), clock_(clock), disk_(clock) {}
    std::int64_t commits() const { return file_ ? file_->ledger().commits : 0; }
    Result<void> ensure_open();
    Result<void> open_file();
    bool mend(const Error& error);
    bool is_past_reading() const;
    bool replace(const Error& error);
    bool reopen();
    bool stop_growing(const Error& error);
    void note_write(const std::optional<Error>& error);
    void finish_rescue();
    void leave_memory();
    /// Of the machine, by which what was delivered grows old.
    std::chrono::milliseconds uptime() const {
        return std::chrono::floor<std::chrono::milliseconds>(clock_.uptime());
    }

    SpoolDirectory directory_;
    SpoolFileOptions options_;
    const Clock& clock_;
    DiskRefusal disk_;
    std::unique_ptr<SpoolFile> file_;
    bool in_memory_ = false;
    std::unique_ptr<Rescue> rescue_;
    std::optional<Ledger> books_;          // of the last time it was open
    std::optional<Ledger> damaged_books_;  // of the one that was set aside last
    DocumentMasks in_flight_;
    SpoolInfo last_info_;
    int failures_ = 0;
    bool opened_once_ = false;
    std::chrono::milliseconds reopening_pause_{0};
    SteadyTime next_reopening_{};
    SteadyTime next_rescue_{};
    SteadyTime next_unreadable_{};
    std::int64_t pages_when_full_ = 0;
    std::uint64_t free_when_refused_ = 0;
};

}  // namespace pwlog
