// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "spool/batch.h"
#include "spool/entry_table.h"

namespace pwlog {

/// What became of the documents of one entry, as long as it cannot be stored.
struct Fates {
    std::uint64_t stored = 0;  ///< bit i is document i
    std::uint64_t duplicate = 0;
    std::vector<Settlement> rejected{};

    std::uint64_t done() const {
        std::uint64_t mask = stored | duplicate;
        for (const auto& settlement : rejected) {
            mask |= bit_of(settlement.ref);
        }
        return mask;
    }
    /// The first fate of a document counts.
    void note(const Settlement& settlement) {
        const auto bit = bit_of(settlement.ref);
        if (settlement.outcome == Outcome::kept || bit == 0 || (done() & bit) != 0) {
            return;
        }
        if (settlement.outcome == Outcome::rejected) {
            rejected.push_back(settlement);
        } else {
            (settlement.outcome == Outcome::stored ? stored : duplicate) |= bit;
        }
    }
    /// The same as settlements of the entry that has the number `seq`.
    std::vector<Settlement> settlements(std::int64_t seq) const {
        std::vector<Settlement> all;
        for (int position = 0; position < 63; ++position) {
            const auto bit = bit_of({seq, position});
            if (((stored | duplicate) & bit) != 0) {
                all.push_back(
                    {{seq, position}, (stored & bit) != 0 ? Outcome::stored : Outcome::duplicate});
            }
        }
        for (auto settlement : rejected) {
            settlement.ref.seq = seq;
            all.push_back(std::move(settlement));
        }
        return all;
    }
};

/// An entry that is not in the file yet, what has become of its documents meanwhile, and the books
/// of those before it that were given up: these count once it is in the file.
struct WaitingEntry {
    std::shared_ptr<const PreparedEntry> entry;
    Fates fates{};
    Ledger lost_before{};
    std::uint64_t in_flight = 0;  ///< of its documents, a bit for each: in the batch that is out
};

}  // namespace pwlog
