// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "spool/archive_age.h"
#include "spool/change.h"
#include "spool/delivery.h"
#include "spool/entry_table.h"
#include "spool/fates.h"
#include "spool/pruner.h"
#include "spool/reject_book.h"

namespace pwlog {

/// How large the file may become. What is in it already is never above the cap: a limit must not
/// eat what it was too late for.
struct SpoolCap {
    std::uint64_t pending_bytes = 256U << 20U;  ///< beyond this the oldest pending entries go
    std::uint64_t archive_bytes = 256U << 20U;  ///< beyond this delivered entries go
};

struct SpoolFileOptions {
    SpoolCap cap{};
    std::int64_t max_rejects = 10'000;
    std::chrono::milliseconds keep = std::chrono::hours(24 * 7);  ///< for delivered entries
};

/// One open spool file with its books and all that is done with it; every change is a Change. One
/// thread at a time; after a failure nothing has happened, and what to do about it is left to
/// TendedFile.
class SpoolFile {
  public:
    /// Opens a spool, or makes one where the file is empty or absent; one in memory where no file
    /// is named. ErrorKind::corrupt where its tables or books are not whole; ErrorKind::busy where
    /// another process has the file.
    static Result<std::unique_ptr<SpoolFile>> open(const std::filesystem::path& file,
                                                   const SpoolFileOptions& options);
    SpoolFile(const SpoolFile&) = delete;
    SpoolFile& operator=(const SpoolFile&) = delete;

    Result<Change> begin(Sync sync);
    /// `work(ledger)` in one Change, committed where it succeeds.
    template <class Work>
    Result<void> change(Sync sync, Work work) {
        auto change = begin(sync);
        auto done = change ? work(change->ledger) : pass_on(change);
        return done ? change->commit() : done;
    }

    /// Writes all or none in one transaction; makes room first, as far as `most` goes, and now and
    /// then deletes delivered entries that are too old by `uptime`, the machine's. ErrorKind::full
    /// where room cannot be made. What a commit that failed has brought into the file all the same
    /// does not count again; another entry whose time is taken is counted as dropped, and gets the
    /// number 0. Returns their numbers.
    Result<std::vector<std::int64_t>> append(const std::vector<WaitingEntry>& entries, Sync sync,
                                             WallTime now, std::chrono::milliseconds uptime,
                                             Sacrifice most);
    /// Makes everything before it safe against a power cut, deleting what is too old on the way;
    /// moves the log into the file where it has grown enough.
    Result<void> flush(std::chrono::milliseconds uptime);
    /// Moves the log into the file, and makes both safe against a power cut.
    Result<void> move_log();
    /// Not flushed since the last full commit, or not known to be.
    bool has_unflushed() const { return unflushed_; }

    /// Counts what these books, the newer ones, had read and is not here as lost; but for what
    /// comes `again`, from a damaged spool that is still being copied.
    Result<void> count_losses(const Ledger& newer, bool again);

    /// Takes so many pages from the disk at once, and leaves them free for what comes.
    Result<void> reserve(std::int64_t pages);
    /// Pages that a change may still use below `limit`.
    Result<std::int64_t> free_pages(std::int64_t limit);
    Result<std::int64_t> used_pages();
    /// The file's size; 0 where it cannot be told.
    std::int64_t all_pages();
    /// What may be in the file: at most, and as long as delivered entries are in it.
    std::int64_t max_pages() const { return max_pages_; }
    std::int64_t archive_pages() const { return archive_pages_; }
    /// While the disk is full the file keeps its size.
    void set_growing(bool growing);
    bool is_growing() const { return growing_; }

    Database& database() { return *database_; }
    const Ledger& ledger() const { return ledger_; }
    EntryTable& entries() { return entries_; }
    Delivery& delivery() { return delivery_; }
    RejectBook& rejects() { return rejects_; }
    Pruner& pruner() { return pruner_; }

  private:
    friend class Change;
    SpoolFile(std::unique_ptr<Database> database, const SpoolFileOptions& options);
    Result<void> load_or_create();
    Result<void> make_ready(Sync sync);
    Result<std::int64_t> add(const WaitingEntry& waiting, Sacrifice most, Ledger& ledger);
    Result<void> prune(Ledger& ledger);

    std::unique_ptr<Database> database_;
    std::filesystem::path folder_;
    std::int64_t max_pages_;
    std::int64_t archive_pages_;
    Ledger ledger_;
    bool growing_ = true;
    bool unflushed_ = true;
    Sync sync_ = Sync::relaxed;  // as configure() sets it
    /// After a failed write the disk may have lost what SQLite thinks is in the log: the next full
    /// commit then writes all of it into the file first. So does the first one after opening: the
    /// write that failed may be that of a process before this.
    bool log_distrusted_ = true;
    /// SQLite ignores that it cannot flush the folder in which it made its log.
    bool names_flushed_ = false;
    EntryTable entries_;
    Pruner pruner_;
    RejectBook rejects_;
    Delivery delivery_;
    ArchiveAge age_;
};

}  // namespace pwlog
