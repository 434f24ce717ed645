// SPDX-License-Identifier: MIT
#include "spool/rescue/rescue.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <bit>
#include <sstream>

#include "spool/record_format.h"
#include "spool/rescue/log_tail.h"
#include "spool/schema.h"
#include "spool/spool_directory.h"

namespace pwlog {

namespace {

/// Tries of a read that the disk fails before what is there counts as lost.
constexpr int most_io_errors = 5;
/// No entry has a number from here on.
constexpr std::int64_t past_all = std::int64_t{1} << 48U;
constexpr const char* progress_name = "\tspool.rescue";  // no name of a stream has a tab

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
constexpr std::string_view rejected_row =
    "SELECT seq,0,body,crc,size FROM entry WHERE seq=(SELECT seq FROM reject WHERE seq>? ORDER "
    "BY "
    "seq LIMIT 1)";
constexpr std::string_view rejected_seq =
    "SELECT seq FROM reject WHERE seq>=? ORDER BY seq LIMIT 1";

std::int64_t bits(std::int64_t mask) {
    mask &= mask_of(max_documents_per_entry);
    return std::popcount(static_cast<std::uint64_t>(mask));
}

}  // namespace

std::unique_ptr<Rescue> Rescue::open(const std::filesystem::path& damaged) {
    std::unique_ptr<Rescue> rescue(new Rescue(damaged));
    rescue->open_source();
    return rescue;
}

/// Where SQLite does not open it, or does not know its tables, the pages that say what they are are
/// put back first, if it is a spool at all.
void Rescue::open_source() {
    unopened_ = false;
    bool sound = false;
    const auto configured = [&]() -> Result<void> {
        auto opened = Database::open_existing(file_);
        if (!opened) {
            return pass_on(opened);
        }
        source_ = std::move(*opened);
        auto ready = source_->execute(
            "PRAGMA locking_mode=EXCLUSIVE;PRAGMA cell_size_check=ON;"
            "PRAGMA trusted_schema=OFF;PRAGMA cache_size=-1024");
        // Whether it knows the tables; what is in them may be damaged all the same.
        for (const auto sql : {pending_row, entry_row, rejected_row}) {
            ready = ready ? source_->prepared(sql) : ready;
        }
        const auto books = ready ? load_ledger(*source_) : pass_on(ready);
        const auto tables = books ? verify_schema(*source_, *books) : pass_on(books);
        sound = tables.has_value();
        return tables || tables.error().kind == ErrorKind::corrupt ? ready : tables;
    };
    std::error_code error;
    const auto log = read_log_tail(log_of(file_));
    const auto size = std::filesystem::file_size(file_, error);
    // SQLite deletes a log that has lost its file.
    if (log && !log->empty && (error || size == 0) && !mend_schema(file_)) {
        unopened_ = ++io_errors_ <= most_io_errors;
        return;
    }
    auto ready = configured();
    if ((ready && !sound) || (!ready && ready.error().kind == ErrorKind::corrupt)) {
        source_.reset();
        const auto books = read_bytes(file_, std::uint64_t{ledger_page - 1} * page_size, page_size);
        const bool ours = (books && ledger_on(*books)) || (log && !log->empty);
        const auto mended = ours ? mend_schema(file_) : Result<void>{};
        if (!mended) {
            ready = mended;
        } else if (ours || ready) {
            ready = configured();
        }
    }
    if (!ready && ready.error().kind != ErrorKind::corrupt && ++io_errors_ <= most_io_errors) {
        unopened_ = true;
        source_.reset();
    } else if (!ready) {
        spdlog::warn("nothing of {} can be read by SQLite: {}", file_.string(),
                     ready.error().message);
        source_.reset();
    }
}

Result<void> Rescue::begin(SpoolFile& into, const std::optional<Ledger>& known) {
    known_ = known ? known : known_;
    if (unopened_) {
        return {};  // step() does it
    }
    if (auto there = stored(into)) {
        progress_ = *there;
        begun_ = true;
        return {};
    }
    std::optional<Ledger> books = known_;
    if (source_) {
        const auto read = load_ledger(*source_);
        if (!read && !is_lost(read.error())) {
            return pass_on(read);
        }
        if (read && (!books || read->commits > books->commits)) {
            books = *read;
        }
    }
    Progress first;
    first.expected = books ? books->pending() : -1;
    auto begun = into.store().write(Sync::full, [&](Ledger& ledger) -> Result<void> {
        if (books && ledger.read == 0) {
            const Ledger made = ledger;
            ledger = *books;
            ledger.commits += 1;
            ledger.schema_checksum = made.schema_checksum;
            ledger.entries = made.entries;
            ledger.pending_entries = made.pending_entries;
            ledger.rejects_kept = made.rejects_kept;
            ledger.rejects_dropped = ledger.rejected;
            ledger.read -= books->pending();
        }
        const auto last = source_ ? source_->number("SELECT max(seq) FROM entry")
                                  : Result<std::optional<std::int64_t>>();
        const std::int64_t newest = last ? last->value_or(0) : 0;
        if (newest > 0 && newest < past_all) {
            ledger.next_seq = std::max(ledger.next_seq, newest + 1);
        }
        if (auto copied = copy_remembered(into); !copied) {
            return copied;
        }
        return store(into, first, ledger);
    });
    if (begun) {
        progress_ = first;
        begun_ = true;
    }
    return begun;
}

Result<void> Rescue::copy_remembered(SpoolFile& into) {
    if (!source_) {
        return {};
    }
    auto rows = source_->query("SELECT name,value,seq,crc FROM remembered");
    for (;;) {
        const auto row = rows.next();
        if (!row && !is_lost(row.error())) {
            return pass_on(row);
        }
        if (!row || !*row) {
            return {};  // what is damaged is remembered anew
        }
        const std::string name(rows.bytes(0));
        const std::string value(rows.bytes(1));
        if (rows.integer(3) != remembered_checksum(name, value) || name == progress_name) {
            continue;
        }
        if (auto kept = into.entries().remember(name, value, rows.integer(2)); !kept) {
            return kept;
        }
    }
}

std::optional<Rescue::Progress> Rescue::stored(SpoolFile& into) const {
    const auto text = into.entries().remembered(progress_name);
    if (!text || !*text) {
        return std::nullopt;
    }
    std::istringstream words(**text);
    std::string name;
    Progress there;
    words >> name >> there.position >> there.gap_end >> there.expected >> there.copied >>
        there.unreadable >> there.rejects;
    return words && name == file_.filename() ? std::optional(there) : std::nullopt;
}

Result<void> Rescue::store(SpoolFile& into, const Progress& progress, Ledger& ledger) const {
    return into.entries().remember(
        progress_name,
        fmt::format("{} {} {} {} {} {} {}", file_.filename().string(), progress.position,
                    progress.gap_end, progress.expected, progress.copied, progress.unreadable,
                    progress.rejects),
        ledger.next_seq);
}

std::int64_t Rescue::lost() const {
    return std::max(progress_.unreadable, progress_.expected - progress_.copied);
}

Result<Rescue::Step> Rescue::step(SpoolFile& into, std::chrono::milliseconds budget) {
    if (unopened_) {
        open_source();
    }
    if (unopened_) {
        return fail(ErrorKind::io, fmt::format("{} cannot be read now", file_.string()));
    }
    if (!begun_) {
        if (auto begun = begin(into, std::nullopt); !begun) {
            return pass_on(begun);
        }
    }
    const auto deadline = std::chrono::steady_clock::now() + budget;
    Progress now = progress_;
    std::optional<Error> problem;
    Step step = Step::more;
    const auto copy = [&](Ledger& ledger) -> Result<void> {
        for (int i = 0; i < rows_per_step_ && std::chrono::steady_clock::now() < deadline; ++i) {
            const Progress before = now;
            auto row = next(now);
            if (!row) {
                problem = row.error();
                now = before;
                break;
            }
            if (!*row) {
                step = Step::done;
                finish(now, ledger);
                break;
            }
            const auto taken = take(into, **row, ledger);
            if (!taken) {
                return pass_on(taken);
            }
            if (*taken == Taken::no_room && before.rejects == 0) {
                now = before;
                step = Step::no_room;
                break;
            }
            now.copied += bits((*row)->mask);
            ledger.salvaged += bits((*row)->mask);
            if (now.rejects != 0) {
                if (auto kept = take_rejects(into, (*row)->seq, ledger); !kept) {
                    return kept;
                }
            }
        }
        return store(into, now, ledger);
    };
    if (auto written = into.store().write(Sync::relaxed, copy); !written) {
        // A smaller transaction may fit.
        const bool is_full = written.error().kind == ErrorKind::full;
        rows_per_step_ = is_full ? std::max(1, rows_per_step_ / 2) : rows_per_step_;
        return pass_on(written);
    }
    progress_ = now;
    if (problem) {
        return tl::unexpected<Error>(*problem);
    }
    return step;
}

void Rescue::finish(Progress& progress, Ledger& ledger) {
    const bool is_counted = progress.rejects == 2;
    const auto lost = std::max(progress.unreadable, progress.expected - progress.copied);
    ledger.read += is_counted ? 0 : lost;
    ledger.dropped += is_counted ? 0 : lost;
    progress.rejects = 2;
}

Result<void> Rescue::forget(SpoolFile& into) const {
    return into.store().write(Sync::relaxed,
                              [&](Ledger&) { return into.entries().forget(progress_name); });
}

Result<std::optional<Rescue::Row>> Rescue::next(Progress& progress) {
    for (bool again = source_ != nullptr && progress.rejects != 2; again;) {
        again = false;
        auto row = progress.rejects != 0                  ? next_reject(progress, again)
                   : progress.position < progress.gap_end ? next_in_gap(progress, again)
                                                          : next_pending(progress, again);
        if (!row || *row) {
            return row;
        }
    }
    return std::optional<Row>{};
}

/// Whether what failed is to be passed over, and not tried again.
bool Rescue::is_lost(const Error& error) {
    return error.kind == ErrorKind::corrupt || ++io_errors_ > most_io_errors;
}

Result<std::optional<Rescue::Row>> Rescue::next_pending(Progress& progress, bool& again) {
    again = true;
    const std::int64_t after = progress.position;
    {
        auto rows = source_->query(pending_row, after);
        const auto row = rows.next();
        if (row && *row && rows.integer(0) > after) {
            io_errors_ = 0;
            progress.position = rows.integer(0);
            const std::int64_t mask = rows.integer(1);
            auto found = whole(rows, rows.integer(0), mask);
            progress.unreadable += !found || *found ? 0 : bits(mask);
            return found;
        }
        if (row && !*row) {
            progress.rejects = 1;
            progress.position = 0;
            return std::optional<Row>{};
        }
        if (!row && !is_lost(row.error())) {
            return pass_on(row);
        }
    }
    auto masks = source_->query(pending_mask, after);
    const auto row = masks.next();
    if (row && *row && masks.integer(0) > after) {
        progress.position = masks.integer(0);  // waits, and cannot be read
        progress.unreadable += bits(masks.integer(1));
    } else {
        progress.gap_end = first_readable(pending_seq, after + 1, past_all) - 1;
    }
    return std::optional<Row>{};
}

Result<std::optional<Rescue::Row>> Rescue::next_in_gap(Progress& progress, bool& again) {
    again = true;
    const std::int64_t after = progress.position;
    {
        auto rows = source_->query(entry_row, after);
        const auto row = rows.next();
        if (row && (!*row || rows.integer(0) > progress.gap_end)) {
            progress.position = progress.gap_end;
            return std::optional<Row>{};
        }
        if (row && rows.integer(0) > after) {
            io_errors_ = 0;
            progress.position = rows.integer(0);
            return whole(rows, rows.integer(0), -1);
        }
        if (!row && !is_lost(row.error())) {
            return pass_on(row);
        }
    }
    const auto seq = source_->number(entry_seq, after + 1);
    const bool body_only = seq && *seq && **seq > after;
    progress.position =
        body_only ? **seq : first_readable(entry_seq, after + 1, progress.gap_end + 1) - 1;
    return std::optional<Row>{};
}

Result<std::optional<Rescue::Row>> Rescue::next_reject(Progress& progress, bool& again) {
    const std::int64_t after = progress.position;
    const auto seq = source_->number(rejected_seq, after + 1);
    if (!seq && !is_lost(seq.error())) {
        return pass_on(seq);
    }
    if (!seq || !*seq || **seq <= after) {
        return std::optional<Row>{};  // they are copies of what was counted: no walk around damage
    }
    again = true;
    progress.position = **seq;
    auto rows = source_->query(rejected_row, after);
    const auto row = rows.next();
    return row && *row ? whole(rows, **seq, 0) : Result<std::optional<Row>>();
}

/// The row, if its body has its checksum.
Result<std::optional<Rescue::Row>> Rescue::whole(Rows& rows, std::int64_t seq, std::int64_t mask) {
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

/// The first number from `from` on, behind an unreadable stretch, at which the query works again.
std::int64_t Rescue::first_readable(std::string_view sql, std::int64_t from, std::int64_t limit) {
    const auto works = [&](std::int64_t seq) {
        const auto found = source_->number(sql, seq);
        return found && (!*found || **found >= seq);
    };
    std::int64_t bad = from;
    std::int64_t good = from;
    for (std::int64_t stride = 1; good < limit && (good == from || !works(good)); stride *= 2) {
        bad = good;
        good = std::min(limit, from + stride);
    }
    while (good - bad > 1) {
        const std::int64_t middle = bad + (good - bad) / 2;
        (works(middle) ? good : bad) = middle;
    }
    return good;
}

Result<Rescue::Taken> Rescue::take(SpoolFile& into, const Row& row, Ledger& ledger) const {
    auto& entries = into.entries();
    const auto there = entries.contains(row.entry.stream, row.entry.time);
    if (!there) {
        return pass_on(there);
    }
    if (*there) {
        return Taken::yes;
    }
    const auto room =
        into.pruner().make_room(row.entry.record.body.size(), Sacrifice::archive, ledger);
    if (!room) {
        return pass_on(room);
    }
    if (!*room) {
        return Taken::no_room;
    }
    // A number that a damaged row claims may be anything.
    const auto used = entries.contains(row.seq);
    if (!used) {
        return pass_on(used);
    }
    const bool usable = row.seq > 0 && row.seq < past_all && !*used;
    auto inserted =
        entries.insert_row(row.entry, usable ? row.seq : ledger.next_seq, row.mask, ledger);
    return inserted ? Result<Taken>(Taken::yes) : pass_on(inserted);
}

/// Only where the entry has kept its number.
Result<void> Rescue::take_rejects(SpoolFile& into, std::int64_t seq, Ledger& ledger) {
    const auto there = into.entries().contains(seq);
    if (!there || !*there) {
        return there ? Result<void>{} : pass_on(there);
    }
    auto rows = source_->query(
        "SELECT position,time,status,type,reason FROM reject WHERE seq=? ORDER BY position", seq);
    for (;;) {
        const auto row = rows.next();
        if (!row && !is_lost(row.error())) {
            return pass_on(row);
        }
        if (!row || !*row) {
            return {};
        }
        auto kept =
            into.store().database().run("INSERT OR IGNORE INTO reject VALUES(?,?,?,?,?,?)", seq,
                                        rows.integer(0), rows.integer(1), rows.integer(2),
                                        std::string(rows.bytes(3)), std::string(rows.bytes(4)));
        if (!kept) {
            return kept;
        }
        ledger.rejects_kept += into.store().database().changes();
        ledger.rejects_dropped -= into.store().database().changes();
    }
}

}  // namespace pwlog
