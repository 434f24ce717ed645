// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "backfill/input/rejects_file.h"
#include "backfill/run/tally.h"
#include "backfill/sources/record_source.h"
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
    bool add(const BulkDocument& document, const SourceRecord& record);
    void clear();

    std::size_t count() const { return documents_.size(); }
    BulkDocument document(std::size_t position) const;
    std::uint64_t line(std::size_t position) const { return documents_[position].line; }
    std::size_t source(std::size_t position) const { return documents_[position].source; }

  private:
    struct Entry {
        std::size_t json_begin;
        std::size_t id_begin;  // behind the JSON, up to the next entry
        std::size_t end;
        std::size_t index;
        std::size_t source;
        std::uint64_t line;
    };

    BulkLimits limits_;
    std::size_t bytes_ = 0;  // of the request, as far as it can be told here
    std::string text_;       // JSON and id of each
    std::vector<Entry> documents_;
    std::deque<std::string> indices_;  // few, and they stay where they are
};

}  // namespace pwlog
