// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <set>

#include "base/clock.h"
#include "base/result.h"
#include "spool/ledger.h"

namespace pwlog {

class SpoolFile;

/// What may be given up to make room.
enum class Sacrifice {
    archive,  ///< delivered entries, then those kept only for their rejects
    pending,  ///< these too, the oldest first, once there is nothing else
};

/// Keeps the file below its cap and the archive below its age. For use inside a Change.
class Pruner {
  public:
    explicit Pruner(SpoolFile& file) : file_(file) {}

    /// Deletes until `bytes` more fit, and what a few more changes need. False where they will not.
    Result<bool> make_room(std::size_t bytes, Sacrifice most, Ledger& ledger);
    /// Deletes up to `limit` delivered entries with numbers before `seq`, the oldest first.
    Result<void> prune_before(std::int64_t seq, int limit, Ledger& ledger);

    /// To be told whenever an entry may have become one that can be pruned.
    void note_delivered(std::int64_t seq);

  private:
    Result<std::optional<std::int64_t>> oldest_delivered();
    Result<std::optional<std::int64_t>> next_delivered();
    Result<std::optional<std::int64_t>> next_victim(std::int64_t needed, Sacrifice most,
                                                    bool& enough);

    Result<void> remove(std::int64_t seq, Ledger& ledger);

    SpoolFile& file_;
    std::set<std::int64_t> unreadable_;  ///< cannot be deleted, as the disk fails to read them
    std::int64_t searched_to_ = 0;       ///< no entry before this can be pruned
};

}  // namespace pwlog
