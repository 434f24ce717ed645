// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "backfill/input/rejects_file.h"
#include "backfill/run/tally.h"
#include "backfill/sources/record_source.h"
#include "base/document.h"
#include "elastic/bulk.h"

namespace pwlog {

/// A stretch of a source on its way: the documents to be sent, and what else was read among them.
/// Stretches are numbered in the source's order; only once all before it are decided may the
/// resume state move behind one. Its memory stays for the next use.
class Stretch {
  public:
    explicit Stretch(BulkLimits limits) : limits_(limits) {}

    std::uint64_t number = 0;
    std::vector<RejectedLine> rejects;  ///< bad lines; the sender adds what was refused
    Tally tally;                        ///< of this stretch alone
    SourcePosition end;                 ///< where to go on behind it

    /// False: it is full, the document belongs into the next one. Line ends in the JSON, which mean
    /// nothing there, become blanks.
    bool add(std::string_view index, std::string_view id, const SourceRecord& record);
    void clear();

    struct Item {
        Document document;
        std::size_t source;
        std::uint64_t line;
    };
    std::span<const Item> items() const { return {items_.data(), count_}; }

  private:
    BulkLimits limits_;
    std::size_t bytes_ = 0;    // of the request, as far as it can be told here
    std::vector<Item> items_;  // those behind count_ keep their memory
    std::size_t count_ = 0;
};

}  // namespace pwlog
