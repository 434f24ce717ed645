// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
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

    /// Line ends in the JSON, which mean nothing there, become blanks.
    void add(std::string_view index, std::string_view id, const SourceRecord& record);
    /// A request of its documents has no room for another one as large as the largest of them.
    bool full() const;
    void clear();

    /// One document; its bytes stand behind those of the one before.
    struct Item {
        std::size_t begin;
        std::uint32_t id_size;
        std::uint32_t json_size;
        std::string_view index;
        std::size_t source;
        std::uint64_t line;
    };
    std::span<const Item> items() const { return items_; }
    DocumentView document(const Item& item) const;

  private:
    BulkLimits limits_;
    std::size_t bytes_ = 0;    // of the request, as far as it can be told here
    std::size_t largest_ = 0;  // of these, what one document takes at most
    std::string text_;         // each document's id and JSON
    std::vector<Item> items_;
    std::set<std::string, std::less<>> indices_;  // what the items' names are views of
};

}  // namespace pwlog
