// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace pwlog {

/// One hit of a search, as views into the answer.
struct SearchHit {
    std::string_view index;   ///< without quotes, escapes as they stand
    std::string_view id;      ///< the same
    std::string_view source;  ///< the object `_source`; empty where the index keeps none
    std::string_view sort;    ///< the list of sort values
    std::string_view time;    ///< the first of them
};

/// What one answer of `_search` holds that a reader of whole indices needs.
struct SearchPage {
    std::vector<SearchHit> hits;
    std::string_view pit_id;  ///< the point in time to ask with from now on; empty: none
    bool incomplete = false;  ///< a shard failed, or time ran out: hits are missing
};

/// Reads an answer without copying it; `json` must outlive the page. The error is `garbled`.
Result<void> read_search_page(std::string_view json, SearchPage& page);

}  // namespace pwlog
