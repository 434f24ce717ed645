// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "backfill/input/line_reader.h"
#include "backfill/sources/record_source.h"

namespace pwlog {

/// Documents of ours, one a line, in any mixture of:
/// - the documents themselves, as `spool export` writes them,
/// - bulk bodies: an action line, then the document,
/// - hits with `_source`, as elasticdump writes them.
/// Empty lines and lines that begin with `#` are left out, so a rejects file can be fed back.
/// `from`: where to go on; null: the beginning.
Result<std::unique_ptr<RecordSource>> open_ndjson(LineReader lines, const SourcePosition* from);

/// Whole answers of `_search`, one or more; also a list of documents or hits, and pretty-printed
/// ones. Its line ends mean nothing.
Result<std::unique_ptr<RecordSource>> open_search_replies(LineReader lines,
                                                          const SourcePosition* from);

}  // namespace pwlog
