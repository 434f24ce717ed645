// SPDX-License-Identifier: MIT
#include "spool/archive_reader.h"

#include "spool/spool_file.h"

namespace pwlog {

namespace {

/// Of one entry that the disk fails to read.
constexpr int most_tries = 5;

bool is_unread(const Result<std::optional<Entry>>& entry) {
    return !entry && entry.error().kind == ErrorKind::io;
}

}  // namespace

Result<std::vector<Entry>> ArchiveReader::read(SpoolFile& file, std::size_t limit) {
    std::vector<Entry> found;
    while (found.size() < limit) {
        const auto place = find_next(file.database());
        if (!place) {
            return pass_on(place);
        }
        if (!*place) {
            break;
        }
        next_ = Timestamp(std::chrono::milliseconds((*place)->time));
        behind_ = (*place)->stream;
        auto entry = load(file, (*place)->seq);
        for (int tries = 1; tries < most_tries && is_unread(entry); ++tries) {
            entry = load(file, (*place)->seq);
        }
        if (!entry && !is_unread(entry)) {
            return pass_on(entry);
        }
        unreadable_ += entry && *entry ? 0 : 1;
        if (entry && *entry) {
            found.push_back(std::move(**entry));
        }
    }
    return found;
}

/// The first entry behind the last one: per stream one step in the index, and the earliest of
/// these. The time is that of the index and not of the row: where a flipped bit has parted them,
/// only the former is sure to go on.
Result<std::optional<ArchiveReader::Place>> ArchiveReader::find_next(Database& database) const {
    std::optional<Place> first;
    auto streams = database.query("SELECT id FROM stream ORDER BY id");
    for (;;) {
        const auto row = streams.next();
        if (!row) {
            return pass_on(row);
        }
        if (!*row) {
            return first;
        }
        auto place = find_next_of(database, streams.integer(0));
        if (!place) {
            return place;
        }
        if (*place && (!first || (*place)->time < first->time)) {
            first = *place;
        }
    }
}

Result<std::optional<ArchiveReader::Place>> ArchiveReader::find_next_of(Database& database,
                                                                        std::int64_t stream) const {
    const std::int64_t from = next_.time_since_epoch().count() + (stream <= behind_ ? 1 : 0);
    auto rows = database.query(
        "SELECT time,seq FROM entry INDEXED BY entry_identity WHERE stream=? AND time>=? AND "
        "time<? ORDER BY time LIMIT 1",
        stream, from, until_.time_since_epoch().count());
    const auto row = rows.next();
    if (!row) {
        return pass_on(row);
    }
    if (!*row) {
        return std::optional<Place>{};
    }
    if (rows.integer(0) < from) {
        return fail(ErrorKind::corrupt, "the index of times is out of order");
    }
    return std::optional(Place{rows.integer(0), stream, rows.integer(1)});
}

Result<std::optional<Entry>> ArchiveReader::load(SpoolFile& file, std::int64_t seq) const {
    auto entry = file.entries().load(seq);
    if (entry || entry.error().kind != ErrorKind::corrupt) {
        return entry;
    }
    const auto aside = file.change(Sync::relaxed, [&](Ledger& ledger) {
        return file.entries().quarantine(seq, entry.error().message, ledger);
    });
    const bool goes_on = aside || aside.error().kind != ErrorKind::corrupt;
    return goes_on ? Result<std::optional<Entry>>(std::optional<Entry>{}) : pass_on(aside);
}

}  // namespace pwlog
