// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/result.h"
#include "spool/database.h"
#include "spool/ledger.h"

namespace pwlog {

/// Whether a commit is flushed to the disk. A relaxed one survives the death of the process at
/// once, and a power cut once a full one has followed: that flushes all before it.
enum class Sync { relaxed, full };

/// How large the file may become. What is in it already is never above the cap: a limit must not
/// eat what it was too late for.
struct SpoolCap {
    std::uint64_t pending_bytes = 256U << 20U;  ///< beyond this the oldest pending entries go
    std::uint64_t archive_bytes = 256U << 20U;  ///< beyond this delivered entries go
};

/// One open spool file and its books: every change goes through write(). One thread at a time; what
/// to do about a failure is left to the caller.
class Store {
  public:
    /// Opens a spool, or makes one where the file is empty or absent; one in memory where no file
    /// is named. ErrorKind::corrupt where its tables or books are not whole; ErrorKind::busy where
    /// another process has the file.
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& file, SpoolCap cap);

    Database& database() { return *database_; }
    const Ledger& ledger() const { return ledger_; }

    using Change = std::function<Result<void>(Ledger&)>;
    /// Runs `change` in a transaction of its own, with a copy of the ledger that is stored, and
    /// then holds, if all goes well; else nothing has happened.
    Result<void> write(Sync sync, const Change& change);

    /// Makes everything before it safe against a power cut: a full commit, after moving the log
    /// into the file where it has grown enough.
    Result<void> flush(const Change& change);
    /// Moves the log into the file, and makes both safe against a power cut.
    Result<void> move_log();
    /// Not flushed since the last full commit, or not known to be.
    bool has_unflushed() const { return unflushed_; }

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

  private:
    Store(std::unique_ptr<Database> database, SpoolCap cap);
    Result<void> load_or_create();
    Result<void> raise_cap_to_size();
    Result<void> make_ready(Sync sync);

    std::unique_ptr<Database> database_;
    std::int64_t max_pages_;
    std::int64_t archive_pages_;
    Ledger ledger_;
    bool growing_ = true;
    bool unflushed_ = true;
    /// After a failed write the disk may have lost what SQLite thinks is in the log: the next full
    /// commit then writes all of it into the file first. So does the first one after opening: the
    /// write that failed may be that of a process before this.
    bool log_distrusted_ = true;
    /// SQLite ignores that it cannot flush the folder in which it made its log.
    bool names_flushed_ = false;
    std::filesystem::path folder_;
};

}  // namespace pwlog
