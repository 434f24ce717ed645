// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "spool/archive_age.h"
#include "spool/archive_reader.h"
#include "spool/delivery.h"
#include "spool/entry_table.h"
#include "spool/fates.h"
#include "spool/pruner.h"
#include "spool/reject_book.h"
#include "spool/spool_info.h"
#include "spool/store.h"

namespace pwlog {

struct SpoolFileOptions {
    SpoolCap cap{};
    std::int64_t max_rejects = 10'000;
    std::chrono::milliseconds keep = std::chrono::hours(24 * 7);  ///< for delivered entries
};

/// One open spool file with all that is done with it. One thread at a time; after a failure nothing
/// has happened, and what to do about it is left to Spool.
class SpoolFile {
  public:
    static Result<std::unique_ptr<SpoolFile>> open(const std::filesystem::path& file,
                                                   const SpoolFileOptions& options);
    SpoolFile(const SpoolFile&) = delete;
    SpoolFile& operator=(const SpoolFile&) = delete;

    /// An entry, what has become of its documents while it could not be written, and the books of
    /// those before it that were given up: these count once it is in the file.
    struct Waiting {
        std::shared_ptr<const PreparedEntry> entry;
        Fates fates{};
        Ledger lost_before{};
    };
    using Entries = std::span<const Waiting>;
    /// Writes all or none in one transaction; makes room first, as far as `most` goes, and now and
    /// then deletes delivered entries that are too old by `uptime`, the machine's. ErrorKind::full
    /// where room cannot be made. What a commit that failed has brought into the file all the same
    /// does not count again; another entry whose time is taken is counted as dropped, and gets the
    /// number 0. Returns their numbers.
    Result<std::vector<std::int64_t>> append(Entries entries, Sync sync, WallTime now,
                                             std::chrono::milliseconds uptime, Sacrifice most);
    /// Makes everything before it safe against a power cut, deleting what is too old on the way.
    Result<void> flush(std::chrono::milliseconds uptime);

    /// Counts what these books, the newer ones, had read and is not here as lost; but for what
    /// comes `again`, from a damaged spool that is still being copied.
    Result<void> count_losses(const Ledger& newer, bool again);

    /// All but what is in memory only.
    void fill(SpoolInfo& info);

    const Ledger& ledger() const { return store_->ledger(); }
    bool has_unflushed() const { return store_->has_unflushed(); }
    Store& store() { return *store_; }
    EntryTable& entries() { return entries_; }
    Delivery& delivery() { return delivery_; }
    RejectBook& rejects() { return rejects_; }
    Pruner& pruner() { return pruner_; }

  private:
    SpoolFile(std::unique_ptr<Store> store, const SpoolFileOptions& options);
    Result<std::int64_t> add(const Waiting& waiting, Sacrifice most, Ledger& ledger);
    Result<void> prune(Ledger& ledger);

    std::unique_ptr<Store> store_;
    EntryTable entries_;
    Pruner pruner_;
    RejectBook rejects_;
    Delivery delivery_;
    ArchiveAge age_;
};

}  // namespace pwlog
