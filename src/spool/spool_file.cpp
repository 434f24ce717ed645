// SPDX-License-Identifier: MIT
#include "spool/spool_file.h"

#include <algorithm>

#include "spool/schema.h"

namespace pwlog {

namespace {

/// Entries between two looks for what is too old, and how many of those go at most: deleting them
/// one by one would change pages with every sample.
constexpr std::int64_t prune_every = 32;
constexpr int prune_most = 128;
constexpr const char* age_key = "spool/age";

}  // namespace

Result<std::unique_ptr<SpoolFile>> SpoolFile::open(const std::filesystem::path& file,
                                                   const SpoolFileOptions& options) {
    auto store = Store::open(file, options.cap);
    if (!store) {
        return pass_on(store);
    }
    std::unique_ptr<SpoolFile> opened(new SpoolFile(std::move(*store), options));
    const auto age = opened->entries_.remembered(age_key);
    if (!age) {
        return pass_on(age);
    }
    opened->age_.restore(age->value_or(""));
    return opened;
}

SpoolFile::SpoolFile(std::unique_ptr<Store> store, const SpoolFileOptions& options)
    : store_(std::move(store)),
      entries_(*store_),
      pruner_(*store_, entries_),
      rejects_(*store_, entries_, pruner_, options.max_rejects),
      delivery_(*store_, entries_, pruner_, rejects_),
      age_(options.keep) {}

Result<std::vector<std::int64_t>> SpoolFile::append(Entries entries, Sync sync, WallTime now,
                                                    std::chrono::milliseconds uptime,
                                                    Sacrifice most) {
    std::vector<std::int64_t> numbers;
    auto written = store_->write(sync, [&](Ledger& ledger) -> Result<void> {
        numbers.clear();
        for (const auto& waiting : entries) {
            const auto seq = add(waiting, most, ledger);
            if (!seq) {
                return pass_on(seq);
            }
            numbers.push_back(*seq);
            if (auto settled = delivery_.settle_entry(waiting.fates.settlements(*seq), now, ledger);
                !settled) {
                return settled;
            }
            age_.note(uptime, ledger.next_seq);
            if (*seq % prune_every == 0) {
                if (auto pruned = prune(ledger); !pruned) {
                    return pruned;
                }
            }
        }
        return {};
    });
    return written ? Result<std::vector<std::int64_t>>(std::move(numbers)) : pass_on(written);
}

/// The number that the entry has in the file; 0 where it got none.
Result<std::int64_t> SpoolFile::add(const Waiting& waiting, Sacrifice most, Ledger& ledger) {
    const auto& entry = *waiting.entry;
    const auto same = entries_.number_of(entry);
    if (!same || *same) {
        return same ? Result<std::int64_t>(**same) : pass_on(same);
    }
    ledger.read += waiting.lost_before.read;
    ledger.take_outcomes(waiting.lost_before);
    const auto taken = entries_.contains(entry.stream, entry.time);
    if (!taken) {
        return pass_on(taken);
    }
    if (*taken) {
        ledger.read += entry.documents;
        ledger.dropped += entry.documents;
        return 0;
    }
    const auto room = pruner_.make_room(entry.record.body.size(), most, ledger);
    if (!room) {
        return pass_on(room);
    }
    if (!*room) {
        return fail(ErrorKind::full, "no room in the spool for an entry");
    }
    const std::int64_t seq = ledger.next_seq;
    auto inserted = entries_.insert(entry, seq, ledger);
    return inserted ? Result<std::int64_t>(seq) : pass_on(inserted);
}

Result<void> SpoolFile::flush(std::chrono::milliseconds uptime) {
    return store_->flush([&](Ledger& ledger) {
        age_.note(uptime, ledger.next_seq);
        return prune(ledger);
    });
}

Result<void> SpoolFile::prune(Ledger& ledger) {
    if (age_.is_save_due()) {
        if (auto kept = entries_.remember(age_key, age_.save(), ledger.next_seq); !kept) {
            return kept;
        }
    }
    return pruner_.prune_before(age_.expired_before(), prune_most, ledger);
}

Result<void> SpoolFile::count_losses(const Ledger& newer, bool again) {
    // Not a full commit: that moves the log first, whose end is what is counted here.
    return store_->write(Sync::relaxed, [&](Ledger& ledger) -> Result<void> {
        ledger.commits = std::max(ledger.commits, newer.commits + 1);
        ledger.next_seq = std::max(ledger.next_seq, newer.next_seq);
        const std::int64_t redone =
            again ? newer.salvaged - ledger.salvaged + newer.dropped - ledger.dropped : 0;
        const std::int64_t lost = std::max<std::int64_t>(0, newer.read - ledger.read - redone);
        ledger.read += lost;
        ledger.dropped += lost;
        return {};
    });
}

void SpoolFile::fill(SpoolInfo& info) {
    const Ledger& books = store_->ledger();
    info.read = books.read;
    info.stored = books.stored;
    info.duplicates = books.duplicates;
    info.rejected = books.rejected;
    info.dropped = books.dropped;
    info.pending_documents = books.pending();
    info.pending_entries = books.pending_entries;
    info.entries = books.entries;
    info.rejects_kept = books.rejects_kept;
    info.rejects_dropped = books.rejects_dropped;
    info.quarantined_entries = books.quarantined;
    info.salvaged_documents = books.salvaged;
    info.unreadable_entries = delivery_.unreadable();
    info.disk_full = !store_->is_growing();
    info.max_bytes = static_cast<std::uint64_t>(store_->max_pages()) * page_size;
    const auto used = store_->used_pages();
    info.bytes = used ? static_cast<std::uint64_t>(*used) * page_size : 0;
    const auto oldest = store_->database().number(
        "SELECT time FROM pending JOIN entry ON entry.seq=pending.seq ORDER BY pending.seq LIMIT "
        "1");
    if (oldest && *oldest) {
        info.oldest_pending = Timestamp(std::chrono::milliseconds(**oldest));
    }
    const auto span = entries_.span();
    if (!span || !*span) {
        return;
    }
    info.first_time = (*span)->first;
    info.last_time = (*span)->second;
    const std::chrono::duration<double, std::ratio<86400>> days = (*span)->second - (*span)->first;
    if (days.count() > 0 && info.entries > 1) {
        const double per_entry =
            static_cast<double>(info.bytes) / static_cast<double>(info.entries);
        const double per_day = static_cast<double>(info.entries - 1) / days.count() * per_entry;
        const double waiting = static_cast<double>(info.pending_entries) * per_entry;
        info.days_until_full =
            std::max(0.0, static_cast<double>(info.max_bytes) - waiting) / per_day;
    }
}

}  // namespace pwlog
