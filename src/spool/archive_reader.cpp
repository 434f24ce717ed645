#include "spool/archive_reader.h"

namespace pwlog {

Result<std::vector<Entry>> ArchiveReader::read(Store& store, EntryTable& entries,
                                               std::size_t limit) {
    std::vector<Entry> found;
    while (found.size() < limit) {
        const auto place = find_next(store.database());
        if (!place) {
            return pass_on(place);
        }
        if (!*place) {
            break;
        }
        next_ = Timestamp(std::chrono::milliseconds((*place)->time));
        behind_ = (*place)->stream;
        auto entry = load(store, entries, (*place)->seq);
        if (!entry) {
            return pass_on(entry);
        }
        if (*entry) {
            found.push_back(std::move(**entry));
        }
    }
    return found;
}

/// The first entry behind the last one: per stream one step in the index, and the earliest of
/// these.
Result<std::optional<ArchiveReader::Place>> ArchiveReader::find_next(Database& database) const {
    std::optional<Place> first;
    auto rows = database.query(
        "SELECT id,time,seq FROM stream JOIN entry ON seq=(SELECT seq FROM entry WHERE stream=id "
        "AND time>=?1+(id<=?2) AND time<?3 ORDER BY time LIMIT 1)",
        next_.time_since_epoch().count(), behind_, until_.time_since_epoch().count());
    for (;;) {
        const auto row = rows.next();
        if (!row) {
            return pass_on(row);
        }
        if (!*row) {
            return first;
        }
        const Place place{rows.integer(1), rows.integer(0), rows.integer(2)};
        if (!first || place.time < first->time ||
            (place.time == first->time && place.stream < first->stream)) {
            first = place;
        }
    }
}

Result<std::optional<Entry>> ArchiveReader::load(Store& store, EntryTable& entries,
                                                 std::int64_t seq) const {
    Result<Entry> entry = fail(ErrorKind::not_found, "gone");
    {
        auto rows = store.database().query("SELECT body,crc,size FROM entry WHERE seq=?", seq);
        const auto row = rows.next();
        if (!row) {
            return pass_on(row);
        }
        if (!*row) {
            return std::optional<Entry>{};
        }
        entry = decode_record(rows.bytes(0), static_cast<std::uint32_t>(rows.integer(1)),
                              static_cast<std::uint32_t>(rows.integer(2)));
    }
    if (entry) {
        return std::optional(std::move(*entry));
    }
    auto aside = store.write(Sync::relaxed, [&](Ledger& ledger) {
        return entries.quarantine(seq, entry.error().message, ledger);
    });
    return aside ? Result<std::optional<Entry>>(std::optional<Entry>{}) : pass_on(aside);
}

}  // namespace pwlog
