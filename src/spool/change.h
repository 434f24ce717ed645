// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "base/result.h"
#include "spool/ledger.h"

namespace pwlog {

class SpoolFile;

/// Whether a commit is flushed to the disk. A relaxed one survives the death of the process at
/// once, and a power cut once a full one has followed: that flushes all before it.
enum class Sync { relaxed, full };

/// A transaction of a spool's file with the books as they will be; undone unless it is committed.
class Change {
  public:
    Change(Change&& other) noexcept
        : ledger(other.ledger), file_(std::exchange(other.file_, nullptr)), sync_(other.sync_) {}
    Change& operator=(Change&&) = delete;
    ~Change();
    /// Stores the books, which are the file's from then on.
    Result<void> commit();

    Ledger ledger;

  private:
    friend class SpoolFile;
    Change(SpoolFile& file, Sync sync);

    SpoolFile* file_;
    Sync sync_;
};

}  // namespace pwlog
