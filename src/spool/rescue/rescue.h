// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/result.h"
#include "spool/rescue/damaged_spool.h"
#include "spool/spool_file.h"

namespace pwlog {

/// Pages that a fresh spool has before a damaged one is copied into it: with less the copy stands
/// still on a full disk, with these it goes on in them as what was copied gets delivered.
inline constexpr std::int64_t rescue_pages = 128;

/// Copies what waits in a damaged spool, which was set aside, into the fresh one that took its
/// place: by SQL, a few rows at a time, with their checksum verified and their bodies as they are.
/// How far it is stands in the fresh spool, written with the rows themselves, so that after a crash
/// it goes on there and no row comes twice. One thread at a time.
class Rescue {
  public:
    explicit Rescue(std::filesystem::path damaged) : source_(std::move(damaged)) {}

    /// Makes a fresh spool ready: it has the pages that copying takes, and knows whose books it is
    /// to take over.
    static Result<void> prepare(SpoolFile& fresh, const std::filesystem::path& damaged);

    /// Takes over its numbers and what is remembered, where that has not been done. `known`: its
    /// last books, where this process had it open. step() does it too.
    Result<void> begin(SpoolFile& into, const std::optional<Ledger>& known);

    enum class Step {
        more,
        no_room,  ///< what waits fills the spool: goes on once some of it has been delivered
        done,     ///< the damaged file is not needed any more; what could not be read is counted
    };
    /// One transaction of at most `budget`. ErrorKind::io where the damaged file cannot be read
    /// just now; after some tries what cannot be read counts as lost.
    Result<Step> step(SpoolFile& into, std::chrono::milliseconds budget);
    /// Once the damaged file is gone: how far this is need not be known any more.
    static Result<void> forget(SpoolFile& into);

    const std::filesystem::path& file() const { return source_.file(); }
    std::int64_t copied() const { return progress_.copied; }
    /// None where that is not known: neither the books nor any row could be read.
    std::optional<std::int64_t> lost() const;
    /// Whether all that waited has been dealt with.
    bool has_all_pending() const { return progress_.place.stage != DamagedSpool::pending; }

  private:
    struct Progress {
        DamagedSpool::Place place;
        /// Documents that waited, as the damaged books say; -1: unknown.
        std::int64_t expected = -1;
        std::int64_t copied = 0;
    };
    enum class Taken { yes, no_room };

    struct Stored {
        std::optional<Progress> progress;
        bool is_successor = false;  ///< made for this damaged one, and without its books yet
    };
    Result<Stored> stored(SpoolFile& into) const;
    Result<void> store(SpoolFile& into, const Progress& progress, Ledger& ledger) const;
    Result<void> take_over(SpoolFile& into, const std::optional<Ledger>& books, bool is_successor,
                           const Progress& first);
    Result<void> copy_remembered(SpoolFile& into);
    /// A few rows, inside a transaction; `problem` is what the damaged file met.
    Result<Step> copy(SpoolFile& into, std::chrono::steady_clock::time_point deadline,
                      Progress& now, Ledger& ledger, std::optional<Error>& problem);
    static Result<Taken> take(SpoolFile& into, const DamagedSpool::Row& row, Ledger& ledger);
    Result<void> take_rejects(SpoolFile& into, std::int64_t seq, Ledger& ledger);
    static void finish(Progress& progress, Ledger& ledger);

    DamagedSpool source_;
    Progress progress_;
    std::optional<Ledger> known_;
    bool begun_ = false;
    int rows_per_step_ = 256;
};

}  // namespace pwlog
