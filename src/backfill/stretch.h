#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backfill/record_source.h"
#include "backfill/rejects_file.h"
#include "backfill/tally.h"
#include "elastic/bulk.h"

namespace pwlog {

/// A stretch of a source on its way: the documents to be sent, and what else was read among them.
/// Stretches are numbered in the source's order; only once all before it are decided may the resume
/// state move behind it.
struct Stretch {
    explicit Stretch(BulkLimits limits) : body(limits) {}

    std::uint64_t number = 0;
    BulkBody body;
    std::vector<std::uint64_t> lines;   ///< of each document in the body
    std::vector<RejectedLine> rejects;  ///< bad lines; the sender adds what was refused
    Tally tally;                        ///< of this stretch alone
    SourcePosition end;                 ///< where to go on behind it

    void clear() {
        body.clear();
        lines.clear();
        rejects.clear();
        tally = {};
    }
};

}  // namespace pwlog
