// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>

#include "base/clock.h"
#include "spool/batch.h"
#include "spool/entry.h"
#include "spool/ledger.h"

namespace pwlog {

class SpoolFile;

/// Moves an entry's documents in `mask` that are behind `after` into a batch; false once the batch
/// is full.
bool add_documents(Batch& batch, const BatchLimits& limits, std::uint64_t mask, DocumentRef after,
                   std::int64_t seq, Entry entry);

/// The queue's far end: what waits, and what became of it.
class Delivery {
  public:
    explicit Delivery(SpoolFile& file) : file_(file) {}

    /// The documents behind `after` in order, as many as the limits allow: no more is ever in
    /// memory. Entries without their checksum are put aside and counted on the way.
    /// `done` gives, for an entry's number, the bits of the documents that do not wait any more,
    /// though that could not be written yet.
    using Done = std::function<std::uint64_t(std::int64_t seq)>;
    Result<Batch> next_batch(const BatchLimits& limits, DocumentRef after, const Done& done = {});

    /// All in one transaction. Documents that do not wait any more are passed over, but for those
    /// `in_flight`: they were dropped meanwhile, which is taken back. They are in it no more.
    Result<void> settle(std::span<const Settlement> settlements, WallTime now,
                        DocumentMasks& in_flight);

    /// Inside a Change: the settlements of one entry, of whose documents so many are in flight.
    Result<void> settle_entry(std::span<const Settlement> settlements, WallTime now, Ledger& ledger,
                              std::uint64_t& in_flight);

    /// How many of these do not wait any more.
    Result<std::int64_t> dropped_of(const DocumentMasks& in_flight);

    /// Entries that wait, and that the disk fails to read again and again: passed over until they
    /// are tried again.
    std::int64_t unreadable() const;
    /// Each once more: the disk may have come to itself.
    void try_unreadable();
    /// The disk fails again and again to read which entries wait.
    bool has_lost_track() const;

  private:
    struct Damage {
        std::int64_t seq;
        std::string why;
    };
    struct Walk {
        const BatchLimits& limits;
        DocumentRef after;
        const Done& done;
        std::int64_t from = 0;  ///< number of the next entry to look at
        Batch batch{};
        std::vector<Damage> damaged{};
        bool all_seen = true;
    };
    Result<Walk> gather(const BatchLimits& limits, DocumentRef after, const Done& done);
    Result<bool> walk(Walk& walk, std::int64_t until);
    Result<void> note_unreadable(std::int64_t seq, const Error& error);
    Result<void> put_aside(const std::vector<Damage>& damaged);
    Result<void> balance_books();

    SpoolFile& file_;
    std::map<std::int64_t, int> failed_reads_;  // by the entry's number
    std::set<std::int64_t> told_unreadable_;
    int failed_walks_ = 0;  // in a row, by the table of what waits
};

}  // namespace pwlog
