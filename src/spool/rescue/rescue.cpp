// SPDX-License-Identifier: MIT
#include "spool/rescue/rescue.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace pwlog {

namespace {

constexpr const char* progress_name = "\tspool.rescue";  // no name of a stream has a tab
constexpr const char* not_begun = "new";

std::int64_t lost_in(std::int64_t unreadable, std::int64_t expected, std::int64_t copied) {
    return std::max(unreadable, expected - copied);
}

/// Those of a damaged spool become its successor's, but for what waits: that counts as it is
/// copied.
void add_books(const Ledger& books, Ledger& ledger) {
    ledger.commits = std::max(ledger.commits, books.commits) + 1;
    ledger.next_seq = std::max(ledger.next_seq, books.next_seq);
    ledger.read += books.read - books.pending();
    ledger.take_outcomes(books);
    ledger.quarantined += books.quarantined;
    ledger.salvaged += books.salvaged;
}

}  // namespace

Result<void> Rescue::prepare(SpoolFile& fresh, const std::filesystem::path& damaged) {
    if (auto reserved = fresh.reserve(rescue_pages); !reserved) {
        return reserved;
    }
    return fresh.change(Sync::relaxed, [&](const Ledger& ledger) {
        return fresh.entries().remember(
            progress_name, fmt::format("{} {}", damaged.filename().string(), not_begun),
            ledger.next_seq);
    });
}

Result<void> Rescue::begin(SpoolFile& into, const std::optional<Ledger>& known) {
    known_ = known ? known : known_;
    auto ready = source_.is_open() ? Result<void>{} : source_.open();
    const auto there = ready ? stored(into) : pass_on(ready);
    if (!there) {
        return pass_on(there);
    }
    if (there->progress) {
        progress_ = *there->progress;
        begun_ = true;
        return {};
    }
    const auto read = source_.books();
    if (!read) {
        return pass_on(read);
    }
    std::optional<Ledger> books = known_;
    if (*read && (!books || (*read)->commits > books->commits)) {
        books = *read;
    }
    Progress first;
    first.expected = books ? books->pending() : -1;
    auto begun = take_over(into, books, there->is_successor, first);
    if (begun) {
        progress_ = first;
        begun_ = true;
    }
    return begun;
}

Result<void> Rescue::take_over(SpoolFile& into, const std::optional<Ledger>& books,
                               bool is_successor, const Progress& first) {
    return into.change(Sync::full, [&](Ledger& ledger) {
        if (books && (is_successor || ledger.read == 0)) {
            add_books(*books, ledger);
        }
        ledger.next_seq = std::max(ledger.next_seq, source_.newest_number() + 1);
        auto done = copy_remembered(into);
        return done ? store(into, first, ledger) : done;
    });
}

/// But for what came with newer entries, before this could be begun.
Result<void> Rescue::copy_remembered(SpoolFile& into) {
    return source_.visit_remembered(
        [&](const std::string& name, const std::string& value, std::int64_t seq) -> Result<void> {
            const auto newer = into.entries().remembered(name);
            if (!newer || *newer || name == progress_name) {
                return newer ? Result<void>{} : pass_on(newer);
            }
            return into.entries().remember(name, value, seq);
        });
}

Result<Rescue::Stored> Rescue::stored(SpoolFile& into) const {
    const auto text = into.entries().remembered(progress_name);
    if (!text) {
        return pass_on(text);
    }
    Stored found;
    if (text->value_or("") == fmt::format("{} {}", file().filename().string(), not_begun)) {
        found.is_successor = true;
        return found;
    }
    std::istringstream words(text->value_or(""));
    std::string name;
    Progress there;
    words >> name >> there.place.position >> there.place.gap_end >> there.expected >>
        there.copied >> there.place.unreadable >> there.place.stage;
    if (words && name == file().filename()) {
        found.progress = there;
    }
    return found;
}

Result<void> Rescue::store(SpoolFile& into, const Progress& progress, Ledger& ledger) const {
    const auto& place = progress.place;
    return into.entries().remember(progress_name,
                                   fmt::format("{} {} {} {} {} {} {}", file().filename().string(),
                                               place.position, place.gap_end, progress.expected,
                                               progress.copied, place.unreadable, place.stage),
                                   ledger.next_seq);
}

Result<void> Rescue::forget(SpoolFile& into) {
    return into.change(Sync::relaxed,
                       [&](const Ledger&) { return into.entries().forget(progress_name); });
}

std::optional<std::int64_t> Rescue::lost() const {
    if (progress_.expected < 0 && !source_.is_readable()) {
        return std::nullopt;
    }
    return lost_in(progress_.place.unreadable, progress_.expected, progress_.copied);
}

Result<Rescue::Step> Rescue::step(SpoolFile& into, std::chrono::milliseconds budget) {
    if (!begun_) {
        if (auto begun = begin(into, std::nullopt); !begun) {
            return pass_on(begun);
        }
    }
    const auto deadline = std::chrono::steady_clock::now() + budget;
    Progress now = progress_;
    std::optional<Error> problem;
    auto change = into.begin(Sync::relaxed);
    const auto went = change ? copy(into, deadline, now, change->ledger, problem) : pass_on(change);
    auto written = went ? store(into, now, change->ledger) : pass_on(went);
    written = written ? change->commit() : written;
    if (!written) {
        // A smaller transaction may fit.
        const bool is_full = written.error().kind == ErrorKind::full;
        rows_per_step_ = is_full ? std::max(1, rows_per_step_ / 2) : rows_per_step_;
        return pass_on(written);
    }
    progress_ = now;
    return problem ? Result<Step>(tl::unexpected<Error>(*problem)) : went;
}

Result<Rescue::Step> Rescue::copy(SpoolFile& into, std::chrono::steady_clock::time_point deadline,
                                  Progress& now, Ledger& ledger, std::optional<Error>& problem) {
    for (int i = 0; i < rows_per_step_ && std::chrono::steady_clock::now() < deadline; ++i) {
        const Progress before = now;
        const auto row = source_.next(now.place);
        if (!row) {
            problem = row.error();
            now = before;
            break;
        }
        if (!*row) {
            finish(now, ledger);
            return Step::done;
        }
        const auto taken = take(into, **row, ledger);
        if (!taken) {
            return pass_on(taken);
        }
        const bool waits = before.place.stage == DamagedSpool::pending;
        if (*taken == Taken::no_room && waits) {
            now = before;
            return Step::no_room;
        }
        now.copied += documents_in((*row)->mask);
        ledger.salvaged += documents_in((*row)->mask);
        if (!waits) {
            if (auto kept = take_rejects(into, (*row)->seq, ledger); !kept) {
                return pass_on(kept);
            }
        }
    }
    return Step::more;
}

void Rescue::finish(Progress& progress, Ledger& ledger) {
    const bool is_counted = progress.place.stage == DamagedSpool::end;
    const auto lost = lost_in(progress.place.unreadable, progress.expected, progress.copied);
    ledger.read += is_counted ? 0 : lost;
    ledger.dropped += is_counted ? 0 : lost;
    progress.place.stage = DamagedSpool::end;
}

Result<Rescue::Taken> Rescue::take(SpoolFile& into, const DamagedSpool::Row& row, Ledger& ledger) {
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
    const bool usable = row.seq > 0 && row.seq < DamagedSpool::past_all && !*used;
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
    return source_.visit_rejects(seq, [&](Rows& reject) {
        auto kept = into.database().run("INSERT OR IGNORE INTO reject VALUES(?,?,?,?,?,?)", seq,
                                        reject.integer(0), reject.integer(1), reject.integer(2),
                                        std::string(reject.bytes(3)), std::string(reject.bytes(4)));
        const auto changes = kept ? into.database().changes() : 0;
        ledger.rejects_kept += changes;
        ledger.rejects_dropped -= changes;
        return kept;
    });
}

}  // namespace pwlog
