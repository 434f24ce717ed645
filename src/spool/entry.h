// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/document.h"

namespace pwlog {

/// What an entry can hold: its pending documents are the bits of one 64-bit mask.
inline constexpr std::size_t max_documents_per_entry = 60;

/// The documents of one reading cycle of one stream: they share a time, are committed together and
/// take one row. No two entries of a stream have the same time.
struct Entry {
    std::string stream;  ///< "rack1-pdu"; as few as there are devices, not one per entry
    Timestamp time;
    std::vector<Document> documents;  ///< all of one index
    /// Remembered in the same transaction, the newest value per name: see Spool::state().
    std::vector<std::pair<std::string, std::string>> state;
};

}  // namespace pwlog
