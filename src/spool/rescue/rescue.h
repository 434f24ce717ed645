// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "spool/database.h"
#include "spool/spool_file.h"

namespace pwlog {

/// Copies what waits in a damaged spool, which was set aside, into the fresh one that took its
/// place: by SQL, a few rows at a time, with their checksum verified and their bodies as they are.
/// How far it is stands in the fresh spool, written with the rows themselves, so that after a crash
/// it goes on there and no row comes twice. One thread at a time.
class Rescue {
  public:
    /// Opens the damaged file as far as that is possible.
    static std::unique_ptr<Rescue> open(const std::filesystem::path& damaged);

    /// Takes over its numbers and what is remembered, where that has not been done. `known`: its
    /// last books, where this process had it open.
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
    Result<void> forget(SpoolFile& into) const;

    const std::filesystem::path& file() const { return file_; }
    std::int64_t copied() const { return progress_.copied; }
    std::int64_t lost() const;
    /// Whether all that waited has been dealt with.
    bool has_all_pending() const { return progress_.rejects != 0; }

  private:
    struct Progress {
        std::int64_t position = 0;  ///< the last entry that was dealt with
        std::int64_t gap_end = 0;   ///< up to here which entries wait cannot be read: all do
        std::int64_t expected =
            -1;  ///< documents that waited, as the damaged books say; -1: unknown
        std::int64_t copied = 0;
        std::int64_t unreadable = 0;
        /// 1: what waited is done, those that were refused follow; 2: these too, all is counted.
        std::int64_t rejects = 0;
    };
    struct Row {
        std::int64_t seq = 0;
        std::int64_t mask = -1;
        PreparedEntry entry;
    };
    enum class Taken { yes, no_room };

    explicit Rescue(std::filesystem::path file) : file_(std::move(file)) {}
    void open_source();
    std::optional<Progress> stored(SpoolFile& into) const;
    Result<void> store(SpoolFile& into, const Progress& progress, Ledger& ledger) const;
    Result<void> copy_remembered(SpoolFile& into);
    Result<std::optional<Row>> next(Progress& progress);
    Result<std::optional<Row>> next_pending(Progress& progress, bool& again);
    Result<std::optional<Row>> next_in_gap(Progress& progress, bool& again);
    Result<std::optional<Row>> next_reject(Progress& progress, bool& again);
    Result<std::optional<Row>> whole(Rows& rows, std::int64_t seq, std::int64_t mask);
    std::int64_t first_readable(std::string_view sql, std::int64_t from, std::int64_t limit);
    bool is_lost(const Error& error);
    Result<Taken> take(SpoolFile& into, const Row& row, Ledger& ledger) const;
    Result<void> take_rejects(SpoolFile& into, std::int64_t seq, Ledger& ledger);
    static void finish(Progress& progress, Ledger& ledger);

    std::filesystem::path file_;
    std::unique_ptr<Database> source_;
    Progress progress_;
    std::optional<Ledger> known_;
    bool begun_ = false;
    int io_errors_ = 0;
    bool unopened_ = false;  ///< as the disk failed to read it
    int rows_per_step_ = 256;
};

}  // namespace pwlog
