// SPDX-License-Identifier: MIT
#include "spool/rescue/damaged_spool.h"

#include <algorithm>
#include <array>

#include "spool/record_format.h"
#include "spool/rescue/log_tail.h"

namespace pwlog {

namespace {

/// Tries of a read that the disk fails before what is there counts as lost.
constexpr int most_io_errors = 5;

constexpr std::string_view pending_row =
    "SELECT pending.seq,mask,body,crc,size FROM pending LEFT JOIN entry ON "
    "entry.seq=pending.seq WHERE pending.seq>? ORDER BY pending.seq LIMIT 1";
constexpr std::string_view pending_mask =
    "SELECT seq,mask FROM pending WHERE seq>? ORDER BY seq LIMIT 1";
constexpr std::string_view pending_seq =
    "SELECT seq FROM pending WHERE seq>=? ORDER BY seq LIMIT 1";
constexpr std::string_view entry_row =
    "SELECT seq,0,body,crc,size FROM entry WHERE seq>? ORDER BY seq LIMIT 1";
constexpr std::string_view entry_seq = "SELECT seq FROM entry WHERE seq>=? ORDER BY seq LIMIT 1";
constexpr std::string_view rejected_row = "SELECT seq,0,body,crc,size FROM entry WHERE seq=?";
constexpr std::string_view rejected_seq =
    "SELECT seq FROM reject WHERE seq>=? ORDER BY seq LIMIT 1";

constexpr std::array<std::string_view, 4> of_each_table = {pending_row, entry_row, rejected_row,
                                                           rejected_seq};

}  // namespace

std::span<const std::string_view> DamagedSpool::queries() { return of_each_table; }

/// Whether what failed is to be passed over, and not tried again. A full or read-only disk says
/// nothing of what is on it, and neither does one that reads nothing.
bool DamagedSpool::is_lost(const Error& error) {
    return error.kind == ErrorKind::corrupt ||
           (error.kind == ErrorKind::io && ++io_errors_ > most_io_errors &&
            is_mostly_readable(file_));
}

Result<std::optional<Ledger>> DamagedSpool::books() {
    const auto read = source_ ? load_ledger(*source_) : fail(ErrorKind::corrupt, "not open");
    if (!read && !is_lost(read.error())) {
        return pass_on(read);
    }
    return read ? std::optional(*read) : std::optional<Ledger>{};
}

/// Behind what cannot be read there is nothing.
Result<void> DamagedSpool::visit(Rows rows, const Visitor& visitor) {
    for (;;) {
        const auto row = rows.next();
        if (!row || !*row) {
            return row || is_lost(row.error()) ? Result<void>{} : pass_on(row);
        }
        if (auto visited = visitor(rows); !visited) {
            return visited;
        }
    }
}

Result<void> DamagedSpool::visit_remembered(const Remembered& visitor) {
    if (!source_) {
        return {};
    }
    return visit(source_->query("SELECT name,value,seq,crc FROM remembered"), [&](Rows& row) {
        const std::string name(row.bytes(0));
        const std::string value(row.bytes(1));
        // What is damaged is remembered anew.
        return row.integer(3) == remembered_checksum(name, value)
                   ? visitor(name, value, row.integer(2))
                   : Result<void>{};
    });
}

Result<void> DamagedSpool::visit_rejects(std::int64_t seq, const Visitor& visitor) {
    return visit(
        source_->query(
            "SELECT position,time,status,type,reason FROM reject WHERE seq=? ORDER BY position",
            seq),
        visitor);
}

Result<std::optional<DamagedSpool::Row>> DamagedSpool::next(Place& place) {
    for (bool again = source_ != nullptr && place.stage != end; again;) {
        again = false;
        auto row = place.stage == rejects           ? next_reject(place, again)
                   : place.position < place.gap_end ? next_in_gap(place, again)
                                                    : next_pending(place, again);
        if (!row || *row) {
            return row;
        }
    }
    return std::optional<Row>{};
}

Result<std::optional<DamagedSpool::Row>> DamagedSpool::next_pending(Place& place, bool& again) {
    again = true;
    const std::int64_t after = place.position;
    {
        auto rows = source_->query(pending_row, after);
        const auto row = rows.next();
        if (row && *row && rows.integer(0) > after) {
            io_errors_ = 0;
            const std::int64_t mask = rows.integer(1);
            auto found = whole(rows, rows.integer(0), mask);
            place.position = rows.integer(0);
            place.unreadable += !found || *found ? 0 : documents_in(mask);
            return found;
        }
        if (row && !*row) {
            place.stage = rejects;
            place.position = 0;
            return std::optional<Row>{};
        }
        if (!row && !is_lost(row.error())) {
            return pass_on(row);
        }
    }
    auto masks = source_->query(pending_mask, after);
    const auto row = masks.next();
    if (!row && !is_lost(row.error())) {
        return pass_on(row);
    }
    if (row && *row && masks.integer(0) > after) {
        place.position = masks.integer(0);  // waits, and cannot be read
        place.unreadable += documents_in(masks.integer(1));
        return std::optional<Row>{};
    }
    const auto readable = first_readable(pending_seq, after + 1, past_all);
    place.gap_end = readable ? *readable - 1 : place.gap_end;
    return readable ? Result<std::optional<Row>>() : pass_on(readable);
}

Result<std::optional<DamagedSpool::Row>> DamagedSpool::next_in_gap(Place& place, bool& again) {
    again = true;
    const std::int64_t after = place.position;
    {
        auto rows = source_->query(entry_row, after);
        const auto row = rows.next();
        if (row && (!*row || rows.integer(0) > place.gap_end)) {
            place.position = place.gap_end;
            return std::optional<Row>{};
        }
        if (row && rows.integer(0) > after) {
            io_errors_ = 0;
            place.position = rows.integer(0);
            return whole(rows, rows.integer(0), -1);
        }
        if (!row && !is_lost(row.error())) {
            return pass_on(row);
        }
    }
    const auto seq = number(entry_seq, after + 1);
    if (!seq) {
        return pass_on(seq);
    }
    if (*seq) {
        place.position = **seq;  // only its body cannot be read
        return std::optional<Row>{};
    }
    const auto readable = first_readable(entry_seq, after + 1, place.gap_end + 1);
    place.position = readable ? *readable - 1 : place.position;
    return readable ? Result<std::optional<Row>>() : pass_on(readable);
}

/// Copies of what was counted: no walk around a damaged list of them.
Result<std::optional<DamagedSpool::Row>> DamagedSpool::next_reject(Place& place, bool& again) {
    const auto seq = number(rejected_seq, place.position + 1);
    if (!seq || !*seq) {
        return seq ? Result<std::optional<Row>>() : pass_on(seq);
    }
    again = true;
    auto rows = source_->query(rejected_row, **seq);
    const auto row = rows.next();
    if (!row && !is_lost(row.error())) {
        return pass_on(row);
    }
    io_errors_ = row ? 0 : io_errors_;
    place.position = **seq;
    return row && *row ? whole(rows, **seq, 0) : Result<std::optional<Row>>();
}

/// The row, if its body has its checksum.
Result<std::optional<DamagedSpool::Row>> DamagedSpool::whole(Rows& rows, std::int64_t seq,
                                                             std::int64_t mask) {
    Record record{std::string(rows.bytes(2)), static_cast<std::uint32_t>(rows.integer(3)),
                  static_cast<std::uint32_t>(rows.integer(4))};
    const auto entry = decode_record(record.body, record.crc, record.size);
    if (!entry) {
        return entry.error().kind == ErrorKind::corrupt
                   ? Result<std::optional<Row>>(std::optional<Row>{})
                   : pass_on(entry);
    }
    const int documents = static_cast<int>(entry->documents.size());
    return std::optional(
        Row{seq, mask & mask_of(documents),
            PreparedEntry{entry->stream, entry->time, documents, std::move(record), {}}});
}

/// The number from `from` on that the query gives; none where there is none, or it is damaged.
Result<std::optional<std::int64_t>> DamagedSpool::number(std::string_view sql, std::int64_t from) {
    const auto found = source_->number(sql, from);
    if (!found && !is_lost(found.error())) {
        return pass_on(found);
    }
    const bool good = found && *found && **found >= from;
    return good ? std::optional(**found) : std::optional<std::int64_t>{};
}

/// The first number from `from` on, behind an unreadable stretch, at which the query works again.
Result<std::int64_t> DamagedSpool::first_readable(std::string_view sql, std::int64_t from,
                                                  std::int64_t limit) {
    std::optional<Error> failure;
    const auto works = [&](std::int64_t seq) {
        const auto found = source_->number(sql, seq);
        if (!found && !is_lost(found.error())) {
            failure = found.error();
        }
        return found && (!*found || **found >= seq);
    };
    std::int64_t bad = from;
    std::int64_t good = from;
    for (std::int64_t stride = 1; good < limit && (good == from || !works(good)) && !failure;
         stride *= 2) {
        bad = good;
        good = std::min(limit, from + stride);
    }
    while (good - bad > 1 && !failure) {
        const std::int64_t middle = bad + (good - bad) / 2;
        (works(middle) ? good : bad) = middle;
    }
    return failure ? Result<std::int64_t>(tl::unexpected<Error>(*failure)) : good;
}

}  // namespace pwlog
