// SPDX-License-Identifier: MIT
#include "spool/reject_book.h"

#include <algorithm>

#include "spool/spool_file.h"

namespace pwlog {

namespace {

constexpr std::size_t longest_type = 100;
constexpr std::size_t longest_reason = 1000;

std::string cut(const std::string& text, std::size_t longest) { return text.substr(0, longest); }

Timestamp to_time(std::int64_t milliseconds) {
    return Timestamp(std::chrono::milliseconds(milliseconds));
}

}  // namespace

Result<void> RejectBook::add(DocumentRef ref, int status, const std::string& type,
                             const std::string& reason, WallTime now, Ledger& ledger) {
    const auto room =
        file_.pruner().make_room(longest_type + longest_reason, Sacrifice::archive, ledger);
    if (!room) {
        return pass_on(room);
    }
    const auto there = file_.entries().contains(ref.seq);
    if (!there) {
        return pass_on(there);
    }
    if (!*room || !*there) {
        ledger.rejects_dropped += 1;
        return {};
    }
    ledger.rejects_kept += 1;
    return file_.database().run("INSERT OR REPLACE INTO reject VALUES(?,?,?,?,?,?)", ref.seq,
                                std::int64_t{ref.position},
                                to_timestamp(now).time_since_epoch().count(), std::int64_t{status},
                                cut(type, longest_type), cut(reason, longest_reason));
}

Result<void> RejectBook::bound(Ledger& ledger) {
    while (ledger.rejects_kept > most_) {
        auto& database = file_.database();
        const auto oldest = database.number("SELECT seq FROM reject ORDER BY seq,position LIMIT 1");
        if (!oldest) {
            return pass_on(oldest);
        }
        const std::int64_t seq = oldest->value_or(0);
        auto deleted = database.run(
            "DELETE FROM reject WHERE seq=?1 AND position=(SELECT min(position) FROM reject WHERE "
            "seq=?1)",
            seq);
        if (!deleted) {
            return deleted;
        }
        // Where bit rot has made the count wrong it is set right rather than chased.
        ledger.rejects_kept = *oldest ? ledger.rejects_kept - 1 : 0;
        ledger.rejects_dropped += database.changes();
        file_.pruner().note_delivered(seq);
    }
    return {};
}

Result<std::vector<Reject>> RejectBook::list(DocumentRef after, std::size_t limit) {
    std::vector<Reject> found;
    auto rows = file_.database().query(
        "SELECT reject.seq,position,reject.time,status,type,reason,body,crc,size FROM reject JOIN "
        "entry ON entry.seq=reject.seq WHERE (reject.seq,position)>(?,?) ORDER BY reject.seq,"
        "position",
        after.seq, std::int64_t{after.position});
    while (found.size() < limit) {
        const auto row = rows.next();
        if (!row) {
            return pass_on(row);
        }
        if (!*row) {
            break;
        }
        auto entry = decode_record(rows.bytes(6), static_cast<std::uint32_t>(rows.integer(7)),
                                   static_cast<std::uint32_t>(rows.integer(8)));
        if (!entry && entry.error().kind != ErrorKind::corrupt) {
            return pass_on(entry);
        }
        const auto position = static_cast<std::size_t>(rows.integer(1));
        if (!entry || position >= entry->documents.size()) {
            continue;  // damaged: retry() finds and counts it
        }
        found.push_back(
            {{std::move(entry->documents[position]), {rows.integer(0), static_cast<int>(position)}},
             entry->time,
             to_time(rows.integer(2)),
             static_cast<int>(rows.integer(3)),
             std::string(rows.bytes(4)),
             std::string(rows.bytes(5))});
    }
    return found;
}

Result<std::int64_t> RejectBook::retry(const RejectFilter& filter, std::int64_t limit) {
    std::vector<DocumentRef> chosen;
    const std::string type = filter.type.value_or("");
    auto done = file_.database()
                    .query(
                        "SELECT seq,position FROM reject WHERE (?1 OR status=?2) AND (?3 OR "
                        "type=?4) LIMIT ?5",
                        std::int64_t{!filter.status}, std::int64_t{filter.status.value_or(0)},
                        std::int64_t{!filter.type}, type, limit)
                    .each([&](const Rows& row) {
                        chosen.push_back({row.integer(0), static_cast<int>(row.integer(1))});
                    });
    if (done && !chosen.empty()) {
        done = file_.change(Sync::relaxed, [&](Ledger& ledger) {
            Result<void> moved;
            for (const auto ref : chosen) {
                moved = moved ? make_pending(ref, ledger) : moved;
            }
            return moved;
        });
    }
    return done ? Result<std::int64_t>(static_cast<std::int64_t>(chosen.size())) : pass_on(done);
}

Result<void> RejectBook::make_pending(DocumentRef ref, Ledger& ledger) {
    auto& database = file_.database();
    auto deleted = database.run("DELETE FROM reject WHERE seq=? AND position=?", ref.seq,
                                std::int64_t{ref.position});
    if (!deleted) {
        return deleted;
    }
    const auto bit = std::int64_t{1} << ref.position;
    const auto before = database.number("SELECT mask FROM pending WHERE seq=?", ref.seq);
    if (!before) {
        return pass_on(before);
    }
    ledger.rejected -= 1;
    ledger.rejects_kept -= 1;
    if (*before) {
        return database.run("UPDATE pending SET mask=mask|? WHERE seq=?", bit, ref.seq);
    }
    ledger.pending_entries += 1;
    return database.run("INSERT INTO pending VALUES(?,?,0)", ref.seq, bit);
}

}  // namespace pwlog
