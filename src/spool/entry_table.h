// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "spool/ledger.h"
#include "spool/record_format.h"
#include "spool/sqlite/database.h"

namespace pwlog {

/// An entry ready to be written: compressed before any lock is taken.
struct PreparedEntry {
    std::string stream;
    Timestamp time;
    int documents = 0;
    Record record;
    std::vector<std::pair<std::string, std::string>> state;
};
/// ErrorKind::invalid where encode_record() refuses it.
Result<PreparedEntry> prepare(const Entry& entry);

/// The mask of an entry's `documents` first documents.
std::int64_t mask_of(int documents);
/// How many documents a mask names; bits that no entry can have count for nothing.
int documents_in(std::int64_t mask);

/// The rows of the entries, and what is remembered with them. The functions with a Ledger are for
/// use inside a Change.
class EntryTable {
  public:
    explicit EntryTable(Database& database) : database_(database) {}

    /// Adds an entry, all of it pending, and counts it as read.
    Result<void> insert(const PreparedEntry& entry, std::int64_t seq, Ledger& ledger);
    /// Adds the row of an entry, of which only the documents in `mask` are pending and counted.
    Result<void> insert_row(const PreparedEntry& entry, std::int64_t seq, std::int64_t mask,
                            Ledger& ledger);
    /// Deletes an entry and its rejects; what of it was still pending is counted as dropped.
    Result<void> remove(std::int64_t seq, Ledger& ledger);
    /// As remove(), keeping the body aside: it does not have its checksum.
    Result<void> quarantine(std::int64_t seq, const std::string& why, Ledger& ledger);

    /// None where it is not there; ErrorKind::corrupt where it was read twice and is not whole.
    Result<std::optional<Entry>> load(std::int64_t seq);
    Result<bool> contains(const std::string& stream, Timestamp time);
    Result<bool> contains(std::int64_t seq);
    /// Of this very entry, to the last byte; none where it is not there.
    Result<std::optional<std::int64_t>> number_of(const PreparedEntry& entry);
    /// The first millisecond from `wanted` on that no entry of the stream has.
    Result<Timestamp> free_time(const std::string& stream, Timestamp wanted);
    Result<std::map<std::string, Timestamp>> newest_times();
    /// First and last time of all; none where there are no entries.
    Result<std::optional<std::pair<Timestamp, Timestamp>>> span();

    /// The number, the entry's, tells which of two values is the newer: that one stays.
    Result<void> remember(const std::string& name, const std::string& value, std::int64_t seq);
    Result<void> forget(const std::string& name);
    /// None where nothing, or nothing whole, is remembered.
    Result<std::optional<std::string>> remembered(const std::string& name);

  private:
    Result<std::optional<Entry>> read(std::int64_t seq);
    Result<std::optional<std::string>> read_remembered(const std::string& name, bool& whole);
    Result<std::optional<std::int64_t>> stream_id(const std::string& name);
    Result<std::int64_t> make_stream(const std::string& name);

    Database& database_;
};

}  // namespace pwlog
