// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/history/history.h"
#include "backfill/input/line_reader.h"
#include "backfill/map/sample_joiner.h"
#include "backfill/sources/record_source.h"

namespace pwlog {

/// What a line turned out to be.
struct ParsedLine {
    enum class Kind {
        values,      ///< they are in `values`
        ignored,     ///< nothing of ours, and not wrong
        bad,         ///< reason says why
        garbled,     ///< the same, and of several lines the first alone is to blame
        unfinished,  ///< it goes on in the next line
        impossible,  ///< reason says why the whole source cannot be read as asked
    };
    Kind kind = Kind::ignored;
    std::vector<SampleValue> values{};
    std::string reason{};
};

/// Reads values out of lines of one format.
class ValueParser {
  public:
    virtual ~ValueParser() = default;
    virtual ParsedLine parse(std::string_view line) = 0;
    /// What has to stand before bad lines in a rejects file.
    virtual std::string header() const { return {}; }
};

class RowSource;

/// Rows of values, put together into samples, made into documents. Rows that are documents of ours
/// already are taken too: a rejects file may hold both. `from`: where to go on; null: the
/// beginning.
Result<std::unique_ptr<RecordSource>> open_mapped(std::unique_ptr<RowSource> rows,
                                                  std::shared_ptr<History> history,
                                                  std::chrono::milliseconds window,
                                                  const SourcePosition* from);

}  // namespace pwlog
