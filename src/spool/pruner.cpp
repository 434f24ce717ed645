// SPDX-License-Identifier: MIT
#include "spool/pruner.h"

#include <algorithm>

#include "spool/schema.h"
#include "spool/spool_file.h"

namespace pwlog {

namespace {

/// Pages left for what must always be possible: settling, splitting pages of the index,
/// remembering.
constexpr std::int64_t reserve_pages = 32;

}  // namespace

Result<bool> Pruner::make_room(std::size_t bytes, Sacrifice most, Ledger& ledger) {
    const auto needed = static_cast<std::int64_t>(bytes / (page_size - 64)) + 2 + reserve_pages;
    for (;;) {
        bool enough = false;
        const auto victim = next_victim(needed, most, enough);
        if (!victim) {
            return pass_on(victim);
        }
        if (!*victim) {
            return enough;
        }
        if (auto removed = remove(**victim, ledger); !removed) {
            return pass_on(removed);
        }
    }
}

Result<void> Pruner::prune_before(std::int64_t seq, int limit, Ledger& ledger) {
    for (int i = 0; i < limit; ++i) {
        const auto oldest = oldest_delivered();
        if (!oldest) {
            return pass_on(oldest);
        }
        if (!*oldest || **oldest >= seq) {
            return {};
        }
        if (auto removed = remove(**oldest, ledger); !removed) {
            return removed;
        }
    }
    return {};
}

/// SQLite reads what it deletes. Where the disk fails that, the change is undone; the next one
/// passes the entry over, so that one bad sector does not end all writing.
Result<void> Pruner::remove(std::int64_t seq, Ledger& ledger) {
    auto removed = file_.entries().remove(seq, ledger);
    if (!removed && removed.error().kind == ErrorKind::io) {
        unreadable_.insert(seq);
    }
    return removed;
}

void Pruner::note_delivered(std::int64_t seq) { searched_to_ = std::min(searched_to_, seq); }

/// The first entry that neither waits nor has rejects. What cannot be pruned is passed once and
/// remembered; a run of pending ones is passed in their own dense table, without touching a body.
/// The mark stays on an entry that can be pruned, so that undoing a deletion needs no undoing here.
Result<std::optional<std::int64_t>> Pruner::oldest_delivered() {
    auto& database = file_.database();
    for (;;) {
        auto seq = database.number("SELECT seq FROM entry WHERE seq>=? ORDER BY seq LIMIT 1",
                                   searched_to_);
        if (!seq && seq.error().kind == ErrorKind::io) {
            ++searched_to_;  // the next change looks behind it, as in remove()
        }
        if (!seq || !*seq) {
            return seq;
        }
        if (**seq < searched_to_) {
            return fail(ErrorKind::corrupt, "the entries are out of order");
        }
        searched_to_ = **seq;
        if (unreadable_.contains(**seq)) {
            ++searched_to_;
            continue;
        }
        const auto pending = database.number("SELECT 1 FROM pending WHERE seq=?", **seq);
        const auto rejected = database.number("SELECT 1 FROM reject WHERE seq=? LIMIT 1", **seq);
        if (!pending || !rejected) {
            return pending ? rejected : pending;
        }
        if (!*pending && !*rejected) {
            return seq;
        }
        auto behind =
            *pending ? database.number(
                           "SELECT seq+1 FROM pending AS one WHERE seq>=? AND NOT EXISTS(SELECT 1 "
                           "FROM pending WHERE seq=one.seq+1) ORDER BY seq LIMIT 1",
                           **seq)
                     : Result<std::optional<std::int64_t>>(**seq + 1);
        if (!behind) {
            return behind;
        }
        searched_to_ = behind->value_or(**seq + 1);
    }
}

Result<std::optional<std::int64_t>> Pruner::next_delivered() {
    auto delivered = oldest_delivered();
    if (!delivered || *delivered) {
        return delivered;
    }
    return file_.database().number(
        "SELECT seq FROM reject WHERE seq NOT IN (SELECT seq FROM pending) ORDER BY seq LIMIT 1");
}

/// What is to go next, if anything must and can: delivered entries make room below their own limit,
/// pending ones only below the last.
Result<std::optional<std::int64_t>> Pruner::next_victim(std::int64_t needed, Sacrifice most,
                                                        bool& enough) {
    const std::optional<std::int64_t> none;
    const auto below_archive = file_.free_pages(file_.archive_pages());
    if (!below_archive) {
        return pass_on(below_archive);
    }
    enough = *below_archive >= needed;
    if (enough) {
        return none;
    }
    auto delivered = next_delivered();
    if (!delivered || *delivered) {
        return delivered;
    }
    const auto below_cap = file_.free_pages(file_.max_pages());
    if (!below_cap) {
        return pass_on(below_cap);
    }
    enough = *below_cap >= needed;
    if (enough || most == Sacrifice::archive) {
        return none;
    }
    std::int64_t from = 0;
    for (;;) {
        auto seq = file_.database().number(
            "SELECT seq FROM pending WHERE seq>=? ORDER BY seq LIMIT 1", from);
        if (!seq || !*seq || !unreadable_.contains(**seq)) {
            return seq;
        }
        from = **seq + 1;
    }
}

}  // namespace pwlog
