#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "spool/archive_reader.h"
#include "spool/delivery.h"
#include "spool/entry_table.h"
#include "spool/pruner.h"
#include "spool/reject_book.h"
#include "spool/spool_info.h"
#include "spool/store.h"

namespace pwlog {

struct SpoolFileOptions {
    SpoolCap cap{};
    std::int64_t max_rejects = 10'000;
};

/// One open spool file with all that is done with it. One thread at a time; after a failure nothing
/// has happened, and what to do about it is left to Spool.
class SpoolFile {
  public:
    static Result<std::unique_ptr<SpoolFile>> open(const std::filesystem::path& file,
                                                   const SpoolFileOptions& options);
    SpoolFile(const SpoolFile&) = delete;
    SpoolFile& operator=(const SpoolFile&) = delete;

    using Entries = std::span<const std::shared_ptr<const PreparedEntry>>;
    /// Writes all or none in one transaction; makes room first, as far as `most` goes, and now and
    /// then deletes delivered entries from before `keep_from`. ErrorKind::full where room cannot be
    /// made. An entry whose time is taken is counted as dropped.
    Result<void> append(Entries entries, Sync sync, Timestamp keep_from, Sacrifice most);
    /// Counts documents that were given up before they could be written.
    Result<void> count_dropped(std::int64_t documents);
    /// Makes everything before it safe against a power cut, deleting what is too old on the way.
    Result<void> flush(Timestamp keep_from);

    /// For a new file that takes the place of a damaged one: goes on with its numbers, as if
    /// nothing waited.
    Result<void> continue_books(const Ledger& damaged);
    /// Adds a rescued entry as pending, under its old number if that is free; passes over one that
    /// is here already.
    Result<void> salvage(std::int64_t seq, const Entry& entry);
    /// Ends a rescue: what the damaged file had read and is not here was lost.
    Result<void> count_losses(const Ledger& damaged, std::int64_t damaged_entries);

    /// All but what is in memory only.
    void fill(SpoolInfo& info);

    const Ledger& ledger() const { return store_->ledger(); }
    bool has_unflushed() const { return store_->has_unflushed(); }
    Store& store() { return *store_; }
    EntryTable& entries() { return entries_; }
    Delivery& delivery() { return delivery_; }
    RejectBook& rejects() { return rejects_; }

  private:
    SpoolFile(std::unique_ptr<Store> store, const SpoolFileOptions& options);
    Result<void> add(const PreparedEntry& entry, Sacrifice most, Ledger& ledger);

    std::unique_ptr<Store> store_;
    EntryTable entries_;
    Pruner pruner_;
    RejectBook rejects_;
    Delivery delivery_;
};

}  // namespace pwlog
