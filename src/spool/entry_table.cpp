// SPDX-License-Identifier: MIT
#include "spool/entry_table.h"

#include <algorithm>
#include <bit>

namespace pwlog {

namespace {

/// Bodies that are kept in quarantine.
constexpr int quarantine_kept = 32;

std::int64_t count_of(Timestamp time) { return time.time_since_epoch().count(); }

Timestamp to_time(std::int64_t milliseconds) {
    return Timestamp(std::chrono::milliseconds(milliseconds));
}

}  // namespace

Result<PreparedEntry> prepare(const Entry& entry) {
    auto record = encode_record(entry);
    if (!record) {
        return pass_on(record);
    }
    return PreparedEntry{entry.stream, entry.time, static_cast<int>(entry.documents.size()),
                         std::move(*record), entry.state};
}

std::int64_t mask_of(int documents) {
    return static_cast<std::int64_t>((std::uint64_t{1} << static_cast<unsigned>(documents)) - 1);
}

int documents_in(std::int64_t mask) {
    return std::popcount(static_cast<std::uint64_t>(mask & mask_of(max_documents_per_entry)));
}

Result<void> EntryTable::insert(const PreparedEntry& entry, std::int64_t seq, Ledger& ledger) {
    auto done = insert_row(entry, seq, mask_of(entry.documents), ledger);
    for (const auto& [name, value] : entry.state) {
        if (done) {
            done = remember(name, value, seq);
        }
    }
    return done;
}

Result<void> EntryTable::insert_row(const PreparedEntry& entry, std::int64_t seq, std::int64_t mask,
                                    Ledger& ledger) {
    const auto stream = make_stream(entry.stream);
    if (!stream) {
        return pass_on(stream);
    }
    auto done = database_.run("INSERT INTO entry VALUES(?,?,?,?,?,?)", seq, *stream,
                              count_of(entry.time), std::int64_t{entry.record.size},
                              std::int64_t{entry.record.crc}, Blob{entry.record.body});
    if (done && mask != 0) {
        done = database_.run("INSERT INTO pending VALUES(?,?,0)", seq, mask);
    }
    ledger.next_seq = std::max(ledger.next_seq, seq + 1);
    ledger.entries += 1;
    ledger.pending_entries += mask != 0 ? 1 : 0;
    ledger.read += documents_in(mask);
    return done;
}

Result<void> EntryTable::remove(std::int64_t seq, Ledger& ledger) {
    const auto mask = database_.number("SELECT mask FROM pending WHERE seq=?", seq);
    if (!mask) {
        return pass_on(mask);
    }
    if (*mask) {
        ledger.dropped += documents_in(**mask);
        ledger.pending_entries -= 1;
        if (auto deleted = database_.run("DELETE FROM pending WHERE seq=?", seq); !deleted) {
            return deleted;
        }
    }
    if (auto deleted = database_.run("DELETE FROM reject WHERE seq=?", seq); !deleted) {
        return deleted;
    }
    ledger.rejects_kept -= database_.changes();
    ledger.rejects_dropped += database_.changes();
    if (auto deleted = database_.run("DELETE FROM entry WHERE seq=?", seq); !deleted) {
        return deleted;
    }
    if (database_.changes() == 0 && !*mask) {
        return fail(ErrorKind::corrupt, "an entry was seen that cannot be found");
    }
    ledger.entries -= database_.changes();
    return {};
}

Result<void> EntryTable::quarantine(std::int64_t seq, const std::string& why, Ledger& ledger) {
    auto kept = database_.run(
        "INSERT OR REPLACE INTO quarantine SELECT seq,time,?,body FROM entry WHERE seq=?", why,
        seq);
    if (kept) {
        kept = database_.run(
            "DELETE FROM quarantine WHERE seq<=(SELECT seq FROM quarantine ORDER BY seq DESC "
            "LIMIT 1 OFFSET ?)",
            std::int64_t{quarantine_kept});
    }
    ledger.quarantined += 1;
    return kept ? remove(seq, ledger) : kept;
}

Result<std::optional<Entry>> EntryTable::read(std::int64_t seq) {
    auto rows = database_.query("SELECT body,crc,size FROM entry WHERE seq=?", seq);
    const auto row = rows.next();
    if (!row || !*row) {
        return row ? Result<std::optional<Entry>>() : pass_on(row);
    }
    auto entry = decode_record(rows.bytes(0), static_cast<std::uint32_t>(rows.integer(1)),
                               static_cast<std::uint32_t>(rows.integer(2)));
    return entry ? Result<std::optional<Entry>>(std::move(*entry)) : pass_on(entry);
}

Result<std::optional<Entry>> EntryTable::load(std::int64_t seq) {
    auto entry = read(seq);
    if (!entry && entry.error().kind == ErrorKind::corrupt) {
        database_.forget_pages();
        entry = read(seq);
    }
    return entry;
}

Result<std::optional<std::int64_t>> EntryTable::stream_id(const std::string& name) {
    return database_.number("SELECT id FROM stream WHERE name=?", name);
}

Result<std::int64_t> EntryTable::make_stream(const std::string& name) {
    auto id = stream_id(name);
    if (id && !*id) {
        if (auto made = database_.run("INSERT INTO stream(name) VALUES(?)", name); !made) {
            return pass_on(made);
        }
        id = stream_id(name);
    }
    if (!id) {
        return pass_on(id);
    }
    return id->value_or(0);
}

Result<bool> EntryTable::contains(const std::string& stream, Timestamp time) {
    const auto found = database_.number(
        "SELECT 1 FROM stream JOIN entry ON entry.stream=stream.id WHERE name=? AND time=?", stream,
        count_of(time));
    return found ? Result<bool>(found->has_value()) : pass_on(found);
}

Result<bool> EntryTable::contains(std::int64_t seq) {
    const auto found = database_.number("SELECT 1 FROM entry WHERE seq=?", seq);
    return found ? Result<bool>(found->has_value()) : pass_on(found);
}

Result<std::optional<std::int64_t>> EntryTable::number_of(const PreparedEntry& entry) {
    return database_.number(
        "SELECT entry.seq FROM stream JOIN entry ON entry.stream=stream.id WHERE name=? AND time=? "
        "AND "
        "size=? AND crc=?",
        entry.stream, count_of(entry.time), std::int64_t{entry.record.size},
        std::int64_t{entry.record.crc});
}

Result<Timestamp> EntryTable::free_time(const std::string& stream, Timestamp wanted) {
    const auto id = stream_id(stream);
    if (!id) {
        return pass_on(id);
    }
    std::int64_t free = count_of(wanted);
    auto rows = database_.query("SELECT time FROM entry WHERE stream=? AND time>=? ORDER BY time",
                                id->value_or(0), free);
    for (;;) {
        const auto row = rows.next();
        if (!row) {
            return pass_on(row);
        }
        if (!*row || rows.integer(0) != free) {
            return to_time(free);
        }
        ++free;
    }
}

Result<std::map<std::string, Timestamp>> EntryTable::newest_times() {
    std::map<std::string, Timestamp> newest;
    const auto read =
        database_
            .query("SELECT name,(SELECT max(time) FROM entry WHERE stream=stream.id) FROM stream")
            .each([&](const Rows& row) {
                if (!row.is_null(1)) {
                    newest.emplace(row.bytes(0), to_time(row.integer(1)));
                }
            });
    return read ? Result<std::map<std::string, Timestamp>>(std::move(newest)) : pass_on(read);
}

Result<std::optional<std::pair<Timestamp, Timestamp>>> EntryTable::span() {
    const auto first = database_.number(
        "SELECT min((SELECT min(time) FROM entry WHERE stream=stream.id)) FROM stream");
    const auto last = database_.number(
        "SELECT max((SELECT max(time) FROM entry WHERE stream=stream.id)) FROM stream");
    if (!first || !last) {
        return first ? pass_on(last) : pass_on(first);
    }
    if (!*first || !*last) {
        return std::optional<std::pair<Timestamp, Timestamp>>{};
    }
    return std::optional(std::pair(to_time(**first), to_time(**last)));
}

Result<void> EntryTable::remember(const std::string& name, const std::string& value,
                                  std::int64_t seq) {
    return database_.run(
        "INSERT INTO remembered(name,value,seq,crc) VALUES(?,?,?,?) ON CONFLICT(name) DO UPDATE "
        "SET value=excluded.value,seq=excluded.seq,crc=excluded.crc "
        "WHERE excluded.seq>=remembered.seq",
        name, value, seq, std::int64_t{remembered_checksum(name, value)});
}

Result<void> EntryTable::forget(const std::string& name) {
    return database_.run("DELETE FROM remembered WHERE name=?", name);
}

Result<std::optional<std::string>> EntryTable::read_remembered(const std::string& name,
                                                               bool& whole) {
    auto rows = database_.query("SELECT value,crc FROM remembered WHERE name=?", name);
    const auto row = rows.next();
    if (!row || !*row) {
        return row ? Result<std::optional<std::string>>() : pass_on(row);
    }
    std::string value(rows.bytes(0));
    whole = rows.integer(1) == remembered_checksum(name, value);
    return whole ? std::optional(std::move(value)) : std::optional<std::string>{};
}

Result<std::optional<std::string>> EntryTable::remembered(const std::string& name) {
    bool whole = true;
    auto value = read_remembered(name, whole);
    if (!whole) {
        database_.forget_pages();
        value = read_remembered(name, whole);
    }
    return value;
}

}  // namespace pwlog
