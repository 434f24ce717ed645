// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "spool/batch.h"
#include "spool/ledger.h"

namespace pwlog {

class SpoolFile;

/// Documents refused for good, with the reason, until someone repairs the cause and has them tried
/// again. They point into their entries, which stay meanwhile.
class RejectBook {
  public:
    RejectBook(SpoolFile& file, std::int64_t most) : file_(file), most_(most) {}

    /// Inside a Change: keeps one, if there is room for it without dropping what waits.
    Result<void> add(DocumentRef ref, int status, const std::string& type,
                     const std::string& reason, WallTime now, Ledger& ledger);
    /// Inside a Change: gives up the oldest beyond the most that are kept.
    Result<void> bound(Ledger& ledger);

    /// Up to `limit` behind `after`, in order.
    Result<std::vector<Reject>> list(DocumentRef after, std::size_t limit);
    /// Makes up to `limit` that fit pending again; returns how many, 0 once none is left.
    Result<std::int64_t> retry(const RejectFilter& filter, std::int64_t limit);

  private:
    Result<void> make_pending(DocumentRef ref, Ledger& ledger);

    SpoolFile& file_;
    std::int64_t most_;
};

}  // namespace pwlog
