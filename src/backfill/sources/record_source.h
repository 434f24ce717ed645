// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "backfill/run/document_check.h"
#include "base/result.h"

namespace pwlog {

/// What a source hands out one by one.
struct SourceRecord {
    enum class Kind {
        document,  ///< text is one document of ours, facts say which
        bad,       ///< reason says why it is none
    };
    Kind kind = Kind::document;
    /// Valid until the next record. Of a bad record: what stood there, as it came, fit to be fed
    /// back once mended.
    std::string_view text;
    const DocumentFacts* facts = nullptr;
    /// The `_id` that an event came with; empty: none, the usual one is made.
    std::string_view id;
    std::size_t source = 0;  ///< which one, where several are read together
    std::uint64_t line = 0;  ///< in the source, from 1; 0 where there are no lines
    std::string reason;
};

/// Where a source can be taken up again: everything before it was handed out. `state` is the
/// source's own, one line.
struct SourcePosition {
    std::uint64_t offset = 0;
    std::uint64_t lines = 0;
    std::string state;
    /// Where the histories of the devices stand, one line; null for sources of ready documents.
    std::shared_ptr<const std::string> history{};
    /// It counts sorted rows: one more in the source may stand in front of it.
    bool sorted = false;
};

/// How far a source is, in whatever unit it counts.
struct SourceProgress {
    std::uint64_t done = 0;
    std::optional<std::uint64_t> total;
};

/// Older data, one document after another, in memory that does not depend on how many there are.
/// Two readings of the same source give the same documents. One thread at a time.
class RecordSource {
  public:
    virtual ~RecordSource() = default;

    /// The next record; false at the end. An Error ends the run: the source itself cannot be read.
    virtual Result<bool> next(SourceRecord& record) = 0;
    /// Behind the last record that was handed out.
    virtual SourcePosition position() const = 0;
    virtual SourceProgress progress() const = 0;
    /// Lines that hold nothing of ours and are not wrong either: comments, other topics.
    virtual std::uint64_t ignored_lines() const { return 0; }
    /// Empty, or why the source ended before its end.
    virtual std::string damage() const { return {}; }
    /// What has to stand before bad records so that they can be fed back: a CSV's header.
    virtual std::string rejects_header(std::size_t source) const {
        static_cast<void>(source);
        return {};
    }
};

}  // namespace pwlog
