// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "base/result.h"
#include "elastic/verdicts.h"

namespace pwlog {

struct BulkLimits {
    std::size_t documents = 1000;
    std::size_t bytes = std::size_t{900} * 1024;  ///< before compression
};

/// What becomes of a document whose identity is there already.
enum class OnConflict {
    keep,     ///< `create`: what is there stays
    replace,  ///< `index`: the new one takes its place; only where a person asked for it
};

std::string_view action_name(OnConflict on_conflict);

/// The body of one bulk request. The memory stays for the next request.
class BulkBody {
  public:
    explicit BulkBody(BulkLimits limits = {}, OnConflict on_conflict = OnConflict::keep)
        : limits_(limits), on_conflict_(on_conflict) {}

    enum class Added {
        yes,
        full,  ///< belongs into the next request; a document beyond all bounds still fits into an
               ///< empty one
        invalid,  ///< holds a line end or nothing: it would break the request for all others
    };
    /// An empty `id` is left out: a time-series index makes its own from dimensions and time, and
    /// refuses any other.
    Added add(std::string_view index, std::string_view id, std::string_view json);
    void clear();
    void set_limits(BulkLimits limits) { limits_ = limits; }
    /// Before the first one: how much there will be, so that it need not grow to twice that.
    void expect(std::size_t bytes);

    const std::string& text() const { return text_; }
    std::size_t count() const { return count_; }

  private:
    std::string_view action_for(std::string_view index, std::string_view id);

    BulkLimits limits_;
    OnConflict on_conflict_;
    std::string text_;
    std::size_t count_ = 0;
    std::string index_;   // what action_ was written for
    std::string action_;  // kept from document to document while only the index stands in it
    std::string scratch_;
};

/// Why one document was not stored; made fit for a log line.
struct ItemProblem {
    std::size_t position = 0;  ///< in the order of the request
    unsigned status = 0;
    std::string type;
    std::string reason;  ///< at most 1,024 characters
    Concerns concerns = Concerns::document;
};

/// A bulk answer that is whole and fits its request.
struct BulkReply {
    std::vector<Outcome> outcomes;      ///< one for each document, in the order of the request
    std::vector<ItemProblem> problems;  ///< of all that are not there, by position
    std::size_t in_failure_store = 0;   ///< stored, but put aside by the server
    std::size_t replaced = 0;           ///< stored in place of another one
};

/// Where to send a bulk request. The filter keeps an item for each document, so that positions
/// match; the server's own patience is half of ours, so that a slow answer still comes.
inline constexpr std::string_view bulk_path =
    "/_bulk?timeout=30s&filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason,"
    "items.*.failure_store";

/// Reads the answer to `expected` documents. Anything short of one readable status for each of
/// them, in a complete JSON text, is an Error of kind `garbled` and acknowledges nothing. Memory is
/// bounded by `expected`, stack use is constant.
Result<BulkReply> parse_bulk_reply(std::string_view body, std::size_t expected,
                                   OnConflict on_conflict = OnConflict::keep);

/// Whether the answer is what it nearly always is, byte for byte: then nothing needs parsing.
bool says_all_stored(std::string_view body, std::size_t expected, OnConflict on_conflict);

}  // namespace pwlog
