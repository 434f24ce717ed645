// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backfill/sources/record_source.h"

namespace pwlog::test {

/// Everything a source has, copied.
struct ReadRecord {
    SourceRecord::Kind kind;
    std::string text;
    std::string id;
    std::uint64_t line;
    std::string reason;
    DocumentFacts facts;
    SourcePosition position;  ///< behind it
};

inline std::vector<ReadRecord> read_all(RecordSource& source) {
    std::vector<ReadRecord> records;
    SourceRecord record;
    for (;;) {
        const auto more = source.next(record);
        if (!more) {
            throw std::runtime_error(more.error().message);
        }
        if (!*more) {
            return records;
        }
        records.push_back({record.kind, std::string(record.text), std::string(record.id),
                           record.line, record.kind == SourceRecord::Kind::bad ? record.reason : "",
                           record.facts != nullptr ? *record.facts : DocumentFacts{},
                           source.position()});
    }
}

}  // namespace pwlog::test
