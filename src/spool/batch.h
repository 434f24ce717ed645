// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/document.h"
#include "base/outcome.h"

namespace pwlog {

/// A document's place in the spool: its entry's number, never used for another, and its position in
/// it. In the order in which entries were appended.
struct DocumentRef {
    std::int64_t seq = 0;
    int position = -1;
    auto operator<=>(const DocumentRef&) const = default;
};

/// Its bit in a mask of its entry's documents; none where an entry has no such position.
inline std::uint64_t bit_of(DocumentRef ref) {
    return ref.position >= 0 && ref.position < 63
               ? std::uint64_t{1} << static_cast<unsigned>(ref.position)
               : 0;
}

/// What a batch may hold; at least one document comes, whatever its size.
struct BatchLimits {
    std::size_t documents = 1000;
    std::size_t bytes = 900U << 10U;  ///< of ids, indices and JSON
};

struct SpooledDocument : Document {
    DocumentRef ref;
};

struct Batch {
    std::vector<SpooledDocument> documents;
    std::size_t bytes = 0;  ///< of their ids, indices and JSON
    bool more = false;      ///< documents wait behind the last of these
};

/// Documents in the file by their entry's number, a bit for each.
using DocumentMasks = std::map<std::int64_t, std::uint64_t>;

struct Settlement {
    DocumentRef ref;
    Outcome outcome;     ///< rejected: put among the rejects; kept: nothing happens
    int status = 0;      ///< rejected: the item's status
    std::string type{};  ///< rejected: the kind of error, "document_parsing_exception"
    std::string reason{};
};

/// A document that was refused for good, and why.
struct Reject : SpooledDocument {
    Timestamp time;         ///< the entry's
    Timestamp rejected_at;  ///< when it was settled
    int status = 0;
    std::string type;
    std::string reason;
};

/// Which rejects to try again; what is not set fits all.
struct RejectFilter {
    std::optional<int> status;
    std::optional<std::string> type;
};

}  // namespace pwlog
