// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "backfill/input/line_reader.h"
#include "backfill/sources/mapped_source.h"
#include "backfill/sources/record_source.h"

namespace pwlog {

/// One row of a source of values: a line, or several where a text in quotes goes on.
struct Row {
    enum class Kind {
        values,    ///< they are in `values`
        document,  ///< text is one of ours already
        bad,       ///< reason says why
    };
    Kind kind = Kind::values;
    std::string text{};
    std::vector<SampleValue> values{};
    std::string reason{};
    std::uint64_t line = 0;  ///< in its file
    std::size_t source = 0;  ///< which file, where several are read together
    LinePosition before{};   ///< where it begins, in all of them
};

/// Rows, one after another. One thread at a time.
class RowSource {
  public:
    virtual ~RowSource() = default;

    /// False at the end. An Error ends the run: the source cannot be read as asked.
    virtual Result<bool> next(Row& row) = 0;
    /// Goes on from where a row began, before the first next().
    virtual Result<void> resume(const LinePosition& from) = 0;
    /// Behind the last row, or line.
    virtual LinePosition position() const = 0;
    virtual SourceProgress progress() const = 0;
    /// Whether places are counted in sorted rows, and not in the bytes and lines of the source.
    virtual bool sorted() const { return false; }
    /// Lines that hold nothing of ours.
    virtual std::uint64_t ignored() const = 0;
    virtual std::string damage() const = 0;
    /// Null where its file cannot be opened.
    virtual ValueParser* parser(std::size_t source) = 0;
};

/// As they stand in the lines.
std::unique_ptr<RowSource> read_rows(LineReader lines, std::shared_ptr<ValueParser> parser);

/// In the order of their times, out of a scratch file that nobody else sees and that is gone with
/// the process: so values of one time meet however far apart they stand, in memory that does not
/// depend on how many there are. It is in the folder for temporary files (TMPDIR, else /var/tmp).
/// Reads all of `rows`.
Result<std::unique_ptr<RowSource>> order_rows(std::unique_ptr<RowSource> rows,
                                              const std::stop_token& stop);

}  // namespace pwlog
