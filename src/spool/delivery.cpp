// SPDX-License-Identifier: MIT
#include "spool/delivery.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>
#include <utility>

#include "spool/spool_file.h"

namespace pwlog {

namespace {

/// Tries of one entry before it is passed over, and entries that may be so.
constexpr int most_failed_reads = 5;
constexpr std::size_t most_unreadable = 64;

std::size_t size_of(const Document& document) {
    return document.id.size() + document.index.size() + document.json.size();
}

}  // namespace

bool add_documents(Batch& batch, const BatchLimits& limits, std::uint64_t mask, DocumentRef after,
                   std::int64_t seq, Entry entry) {
    for (std::size_t i = 0; i < entry.documents.size(); ++i) {
        const DocumentRef ref{seq, static_cast<int>(i)};
        if ((mask & bit_of(ref)) == 0 || ref <= after) {
            continue;
        }
        const std::size_t size = size_of(entry.documents[i]);
        if (!batch.documents.empty() &&
            (batch.documents.size() >= limits.documents || batch.bytes + size > limits.bytes)) {
            batch.more = true;
            return false;
        }
        batch.bytes += size;
        batch.documents.push_back({std::move(entry.documents[i]), ref});
    }
    return true;
}

/// Until the batch is full, which is true, or the number `until` is reached.
Result<bool> Delivery::walk(Walk& walk, std::int64_t until) {
    auto rows = file_.database().query(
        "SELECT pending.seq,mask,body,crc,size FROM pending LEFT JOIN entry ON "
        "entry.seq=pending.seq WHERE pending.seq>=? AND pending.seq<? ORDER BY pending.seq",
        walk.from, until);
    for (;;) {
        const auto row = rows.next();
        if (!row || !*row) {
            return row ? Result<bool>(false) : pass_on(row);
        }
        const std::int64_t seq = rows.integer(0);
        const auto stored_mask = static_cast<std::uint64_t>(rows.integer(1));
        const auto mask = stored_mask & ~(walk.done ? walk.done(seq) : 0);
        if (mask == 0 && stored_mask != 0) {
            walk.all_seen = false;
            walk.from = seq + 1;
            continue;
        }
        auto entry = decode_record(rows.bytes(2), static_cast<std::uint32_t>(rows.integer(3)),
                                   static_cast<std::uint32_t>(rows.integer(4)));
        if (!entry && entry.error().kind != ErrorKind::corrupt) {
            return pass_on(entry);
        }
        failed_reads_.erase(seq);
        if (!entry) {
            walk.damaged.push_back({seq, entry.error().message});
        } else if ((stored_mask & static_cast<std::uint64_t>(
                                      mask_of(static_cast<int>(entry->documents.size())))) == 0) {
            walk.damaged.push_back({seq, "an entry that waits without a document"});
        } else if (!add_documents(walk.batch, walk.limits, mask, walk.after, seq,
                                  std::move(*entry))) {
            return true;
        }
        walk.from = seq + 1;
    }
}

/// Where the row of the oldest entry from `from` on cannot be read, though it can be told that it
/// waits.
Result<void> Delivery::note_unreadable(std::int64_t seq, const Error& error) {
    if (failed_reads_.size() >= most_unreadable && !failed_reads_.contains(seq)) {
        return tl::unexpected<Error>(error);  // not a few bad sectors any more
    }
    if (++failed_reads_[seq] == most_failed_reads && told_unreadable_.insert(seq).second) {
        spdlog::error(
            "an entry that waits in the spool cannot be read, so it is passed over: it stays "
            "there, and is tried again now and then. Check the disk: {}",
            error.message);
    }
    return {};
}

std::int64_t Delivery::unreadable() const {
    return std::count_if(failed_reads_.begin(), failed_reads_.end(),
                         [](const auto& item) { return item.second >= most_failed_reads; });
}

void Delivery::try_unreadable() {
    for (auto& [seq, tries] : failed_reads_) {
        tries = std::min(tries, most_failed_reads - 1);
    }
}

bool Delivery::has_lost_track() const { return failed_walks_ >= most_failed_reads; }

Result<Delivery::Walk> Delivery::gather(const BatchLimits& limits, DocumentRef after,
                                        const Done& done) {
    constexpr std::int64_t behind_all = std::numeric_limits<std::int64_t>::max();
    Walk state{limits, after, done, after.seq};
    for (bool more = true; more;) {
        auto bad = failed_reads_.lower_bound(state.from);
        while (bad != failed_reads_.end() && bad->second < most_failed_reads) {
            ++bad;
        }
        const std::int64_t until = bad == failed_reads_.end() ? behind_all : bad->first;
        const auto full = walk(state, until);
        if (full) {
            more = !*full && until != behind_all;
            state.all_seen = state.all_seen && !more;
            state.from = more ? until + 1 : state.from;
            continue;
        }
        const auto seq =
            full.error().kind != ErrorKind::io
                ? Result<std::optional<std::int64_t>>()
                : file_.database().number(
                      "SELECT seq FROM pending WHERE seq>=? ORDER BY seq LIMIT 1", state.from);
        if (!seq || !*seq) {
            failed_walks_ += seq ? 0 : 1;
            return pass_on(full);
        }
        if (auto noted = note_unreadable(**seq, full.error()); !noted) {
            return pass_on(noted);
        }
        state.from = **seq + 1;
        state.all_seen = false;
    }
    failed_walks_ = 0;
    return state;
}

Result<Batch> Delivery::next_batch(const BatchLimits& limits, DocumentRef after, const Done& done) {
    auto first = gather(limits, after, done);
    const bool is_doubtful = first && !first->damaged.empty();
    if (is_doubtful) {  // one read may have been wrong: damaged is what is so the second time
        file_.database().forget_pages();
    }
    auto state = is_doubtful ? gather(limits, after, done) : std::move(first);
    if (!state) {
        return pass_on(state);
    }
    Batch& batch = state->batch;
    // While the disk refuses, both wait for better days: what is whole can be shipped all the same.
    auto kept = put_aside(state->damaged);
    if (kept && batch.documents.empty() && after == DocumentRef{} && state->all_seen) {
        kept = balance_books();
    }
    if (!kept && kept.error().kind == ErrorKind::corrupt) {
        return pass_on(kept);
    }
    return std::move(batch);
}

Result<void> Delivery::put_aside(const std::vector<Damage>& damaged) {
    if (damaged.empty()) {
        return {};
    }
    return file_.change(Sync::relaxed, [&](Ledger& ledger) {
        Result<void> done;
        for (const auto& [seq, why] : damaged) {
            done = done ? file_.entries().quarantine(seq, why, ledger) : done;
        }
        return done;
    });
}

/// Nothing waits: then the books must say so. A difference is what bit rot took from the masks.
Result<void> Delivery::balance_books() {
    const Ledger& books = file_.ledger();
    if (books.pending() == 0 && books.pending_entries == 0) {
        return {};
    }
    return file_.change(Sync::relaxed, [](Ledger& ledger) {
        const std::int64_t difference = ledger.pending();
        (difference > 0 ? ledger.dropped : ledger.read) += std::abs(difference);
        ledger.pending_entries = 0;
        return Result<void>{};
    });
}

Result<void> Delivery::settle(std::span<const Settlement> settlements, WallTime now,
                              DocumentMasks& in_flight) {
    if (settlements.empty()) {
        return {};
    }
    auto change = file_.begin(Sync::relaxed);
    if (!change) {
        return pass_on(change);
    }
    auto still_out = in_flight;
    for (auto rest = settlements; !rest.empty();) {
        const auto seq = rest.front().ref.seq;
        const auto end = std::find_if(rest.begin(), rest.end(),
                                      [&](const auto& item) { return item.ref.seq != seq; });
        const auto count = static_cast<std::size_t>(end - rest.begin());
        if (auto settled = settle_entry(rest.first(count), now, change->ledger, still_out[seq]);
            !settled) {
            return settled;
        }
        rest = rest.subspan(count);
    }
    auto done = file_.rejects().bound(change->ledger);
    done = done ? change->commit() : done;
    if (done) {
        in_flight = std::move(still_out);
    }
    return done;
}

Result<std::int64_t> Delivery::dropped_of(const DocumentMasks& in_flight) {
    std::int64_t dropped = 0;
    for (const auto& [seq, mask] : in_flight) {
        const auto waits =
            mask == 0 ? Result<std::optional<std::int64_t>>()
                      : file_.database().number("SELECT mask FROM pending WHERE seq=?", seq);
        if (!waits) {
            return pass_on(waits);
        }
        dropped += std::popcount(mask & ~static_cast<std::uint64_t>(waits->value_or(0)));
    }
    return dropped;
}

Result<void> Delivery::settle_entry(std::span<const Settlement> settlements, WallTime now,
                                    Ledger& ledger, std::uint64_t& in_flight) {
    if (settlements.empty()) {
        return {};
    }
    auto& database = file_.database();
    const std::int64_t seq = settlements.front().ref.seq;
    const auto before = database.number("SELECT mask FROM pending WHERE seq=?", seq);
    if (!before) {
        return pass_on(before);
    }
    auto mask = static_cast<std::uint64_t>(before->value_or(0));
    for (const auto& [ref, outcome, status, type, reason] : settlements) {
        const auto bit = outcome == Outcome::kept ? 0 : bit_of(ref);
        if (((mask | in_flight) & bit) == 0) {
            continue;
        }
        ledger.dropped -= (mask & bit) == 0 ? 1 : 0;
        mask &= ~bit;
        in_flight &= ~bit;
        (outcome == Outcome::stored      ? ledger.stored
         : outcome == Outcome::duplicate ? ledger.duplicates
                                         : ledger.rejected) += 1;
        if (outcome == Outcome::rejected) {
            if (auto kept = file_.rejects().add(ref, status, type, reason, now, ledger); !kept) {
                return kept;
            }
        }
    }
    const auto after = static_cast<std::int64_t>(mask);
    if (!*before || after == **before) {
        return {};
    }
    if (after != 0) {
        return database.run("UPDATE pending SET mask=? WHERE seq=?", after, seq);
    }
    ledger.pending_entries -= 1;
    file_.pruner().note_delivered(seq);
    return database.run("DELETE FROM pending WHERE seq=?", seq);
}

}  // namespace pwlog
