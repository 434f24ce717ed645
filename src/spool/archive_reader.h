// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "spool/entry.h"
#include "spool/sqlite/database.h"

namespace pwlog {

class SpoolFile;

/// Where a walk through the entries by time is. Belongs to one walk; the file may change, and even
/// be another one, between two steps.
class ArchiveReader {
  public:
    /// Entries from `since` on and before `until`.
    ArchiveReader(Timestamp since, Timestamp until) : next_(since), until_(until) {}

    /// Up to `limit` more entries, pending or not, by time and then by stream; none once at the
    /// end. Entries without their checksum are put aside and counted on the way; those that the
    /// disk fails to read again and again are passed over.
    Result<std::vector<Entry>> read(SpoolFile& file, std::size_t limit);
    /// How many those are.
    std::int64_t unreadable() const { return unreadable_; }

  private:
    struct Place {
        std::int64_t time;
        std::int64_t stream;
        std::int64_t seq;
    };
    Result<std::optional<Place>> find_next(Database& database) const;
    Result<std::optional<Place>> find_next_of(Database& database, std::int64_t stream) const;
    Result<std::optional<Entry>> load(SpoolFile& file, std::int64_t seq) const;

    Timestamp next_;            ///< goes on at this time…
    std::int64_t behind_ = -1;  ///< …behind this stream
    Timestamp until_;
    std::int64_t unreadable_ = 0;
};

}  // namespace pwlog
