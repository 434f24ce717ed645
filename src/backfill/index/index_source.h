// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>

#include "backfill/index/index_query.h"
#include "backfill/sources/source_options.h"

namespace pwlog {

/// Another index of the same or another Elasticsearch or OpenSearch: documents of ours, or with a
/// map any others. The query's time field follows from the map. `from`: where to go on; null: the
/// beginning.
Result<OpenedSource> open_index_source(IndexQuery query, SourceOptions options, const Clock& clock,
                                       const std::stop_token& stop, const SourcePosition* from);

}  // namespace pwlog
