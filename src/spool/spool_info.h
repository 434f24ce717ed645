// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace pwlog {

/// The spool's state at one moment. Documents, unless the name says entries. Always
///     read = stored + duplicates + rejected + pending_documents + dropped
/// counted since the spool was made, over all restarts.
struct SpoolInfo {
    std::int64_t read = 0;
    std::int64_t stored = 0;
    std::int64_t duplicates = 0;
    std::int64_t rejected = 0;
    std::int64_t dropped = 0;  ///< lost: the cap was reached, or they were damaged
    std::int64_t pending_documents = 0;
    std::int64_t pending_entries = 0;
    std::int64_t unwritten_documents = 0;  ///< of the pending ones: in memory, not yet on disk
    std::int64_t unwritten_entries = 0;
    std::optional<Timestamp> oldest_pending;

    std::int64_t entries = 0;  ///< in the file: the archive and what is pending
    std::optional<Timestamp> first_time;
    std::optional<Timestamp> last_time;
    std::int64_t rejects_kept = 0;
    std::int64_t rejects_dropped = 0;

    std::int64_t quarantined_entries =
        0;  ///< their checksum was wrong; their documents are `dropped`
    std::int64_t unreadable_entries = 0;  ///< they wait, and the disk fails to read them
    std::int64_t salvaged_documents = 0;  ///< rescued from a damaged file

    std::uint64_t bytes = 0;      ///< used in the file
    std::uint64_t max_bytes = 0;  ///< the cap
    /// How long nothing could be delivered from now on, at the present rate, before something is
    /// dropped.
    std::optional<double> days_until_full;
    bool unopened = false;   ///< the disk fails that: what waits in the file waits for it, too
    bool disk_full = false;  ///< the disk, not the cap: the file does not grow meanwhile
};

}  // namespace pwlog
