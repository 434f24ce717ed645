// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "spool/sqlite/database.h"

namespace pwlog {

/// The spool's books: one row of its own, written with every commit, so that the numbers are true
/// whenever the process dies. Documents unless a comment says entries. Always:
///     read = stored + duplicates + rejected + pending + dropped
struct Ledger {
    std::int64_t commits = 0;   ///< tells which of two copies of the row is the newer
    std::int64_t next_seq = 1;  ///< never goes back, so no seq is ever used twice
    std::int64_t schema_checksum = 0;
    std::int64_t entries = 0;          ///< entries in the file, archive and pending
    std::int64_t pending_entries = 0;  ///< entries with a pending document
    std::int64_t read = 0;
    std::int64_t stored = 0;
    std::int64_t duplicates = 0;
    std::int64_t rejected =
        0;  ///< refused for good, kept in the rejects or not; without those retried
    std::int64_t dropped = 0;  ///< lost: no room, or damaged
    std::int64_t rejects_kept = 0;
    std::int64_t rejects_dropped = 0;  ///< of `rejected`: no longer kept
    std::int64_t quarantined = 0;      ///< entries whose checksum was wrong
    std::int64_t salvaged = 0;         ///< of `read`: rescued from a damaged file

    /// What has become of documents in another file: it counts here from now on.
    void take_outcomes(const Ledger& other) {
        stored += other.stored;
        duplicates += other.duplicates;
        rejected += other.rejected;
        rejects_dropped += other.rejected;
        dropped += other.dropped;
    }

    std::int64_t pending() const { return read - stored - duplicates - rejected - dropped; }
};

/// Its values in the order of the table's columns, after them their checksum.
inline constexpr std::size_t ledger_fields = 14;
using LedgerRow = std::array<std::int64_t, ledger_fields + 1>;
LedgerRow to_row(const Ledger& ledger);
/// None where the checksum is wrong.
std::optional<Ledger> from_row(std::span<const std::int64_t, ledger_fields + 1> row);

Result<void> insert_ledger(Database& database, const Ledger& ledger);
Result<void> save_ledger(Database& database, const Ledger& ledger);
/// ErrorKind::corrupt where there is none or its checksum is wrong.
Result<Ledger> load_ledger(Database& database);

}  // namespace pwlog
