// SPDX-License-Identifier: MIT
#include "spool/spool.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/printable.h"
#include "spool/archive_reader.h"
#include "spool/tended_file.h"
#include "spool/waiting_entries.h"

namespace pwlog {

namespace {

constexpr std::size_t entries_per_export_step = 32;
constexpr std::int64_t rejects_per_retry_step = 200;
/// Of a remembered value: it is asked for once, at the start, and the file is opened anew
/// meanwhile.
constexpr int tries_of_state = 5;

std::ptrdiff_t count_news(std::span<const Settlement> settlements) {
    return std::count_if(settlements.begin(), settlements.end(),
                         [](const auto& one) { return one.outcome != Outcome::kept; });
}

}  // namespace

Timestamp Spool::free_time(const std::string& stream, Timestamp wanted) {
    const auto newest = waiting_->newest(stream);
    if (!newest || wanted > *newest) {
        return wanted;
    }
    // The clock went back: the one case that needs a look into the file. One that cannot be had in
    // time is answered from memory: a time far ahead would be wrong for sure, this one is taken by
    // a rare chance, and then the entry is counted as dropped.
    constexpr auto not_far = std::chrono::minutes(1);
    const std::unique_lock lock(mutex_, std::chrono::steady_clock::now() + options_.patience);
    if (!lock && *newest - wanted < not_far) {
        return *newest + std::chrono::milliseconds(1);
    }
    Timestamp time = wanted;
    while (!lock && waiting_->contains(stream, time)) {
        time += std::chrono::milliseconds(1);
    }
    while (lock) {
        const auto free =
            file_->read([&](SpoolFile& file) { return file.entries().free_time(stream, time); });
        if (!free) {
            return std::max(wanted, *newest + std::chrono::milliseconds(1));
        }
        if (!waiting_->contains(stream, *free)) {
            return *free;
        }
        time = *free + std::chrono::milliseconds(1);
    }
    return time;
}

Result<void> Spool::check_time(const std::string& stream, Timestamp time) {
    const auto newest = waiting_->newest(stream);
    if (!newest || time > *newest) {
        return {};
    }
    const std::unique_lock lock(mutex_, std::chrono::steady_clock::now() + options_.patience);
    if (!lock) {
        return {};  // as below: writing it will tell
    }
    const auto taken =
        file_->read([&](SpoolFile& file) { return file.entries().contains(stream, time); });
    if (taken && *taken) {
        return fail(ErrorKind::invalid,
                    "stream " + printable(stream) + " has an entry of this millisecond already");
    }
    return {};  // where the file cannot be asked, writing it will tell
}

Result<Durability> Spool::append(Entry entry) {
    auto prepared = prepare(entry);
    if (!prepared) {
        return pass_on(prepared);
    }
    if (prepared->record.body.size() > options_.max_bytes / 4) {
        return fail(ErrorKind::invalid,
                    fmt::format("an entry of {} bytes is too large for a spool of {}",
                                prepared->record.body.size(), options_.max_bytes));
    }
    if (auto fine = check_time(entry.stream, entry.time); !fine) {
        return pass_on(fine);
    }
    const auto ticket = waiting_->push(std::move(*prepared));
    if (!ticket) {
        return pass_on(ticket);
    }
    // Whoever has the file now may be waiting for a slow card; reading must not.
    const std::unique_lock lock(mutex_, std::chrono::steady_clock::now() + options_.patience);
    if (!lock) {
        return Durability::in_memory;
    }
    if (auto written = write_waiting(); !written) {
        complain(written.error());
    }
    report_losses();
    return waiting_->is_written(*ticket) ? Durability::committed : Durability::in_memory;
}

Result<Batch> Spool::next_batch(const BatchLimits& limits, DocumentRef after) {
    const std::lock_guard lock(mutex_);
    land();
    const auto done = [this](std::int64_t seq) { return waiting_->done_in_file(seq); };
    Result<Batch> batch = Batch{};
    if (!WaitingEntries::is_ours(after)) {
        batch = file_->read(
            [&](SpoolFile& file) { return file.delivery().next_batch(limits, after, done); });
    }
    for (std::size_t i = 0; batch && i < batch->documents.size(); ++i) {
        const auto ref = batch->documents[i].ref;
        file_->in_flight()[ref.seq] |= bit_of(ref);
    }
    if (!file_->is_refused()) {
        return batch;
    }
    // Where the file cannot be read either, what is in memory is all there is to ship.
    batch = batch ? std::move(batch) : Result<Batch>(Batch{});
    if (!batch->more) {
        waiting_->add_to(*batch, limits, after);
    }
    return batch;
}

/// No answer is out any more. What is known and could not be written yet stays in flight.
void Spool::land() {
    waiting_->land();
    for (auto& [seq, mask] : file_->in_flight()) {
        mask &= waiting_->done_in_file(seq);
    }
    std::erase_if(file_->in_flight(), [](const auto& out) { return out.second == 0; });
}

Result<void> Spool::settle(std::span<const Settlement> settlements) {
    const std::lock_guard lock(mutex_);
    const bool any_in_memory =
        std::any_of(settlements.begin(), settlements.end(),
                    [](const auto& one) { return WaitingEntries::is_ours(one.ref); });
    const auto chosen = any_in_memory ? waiting_->note(settlements) : std::vector<Settlement>{};
    const auto in_file = any_in_memory ? std::span(chosen) : settlements;
    const auto news = count_news(in_file);
    const auto settled = news == 0 ? Result<void>{} : file_->write([&](SpoolFile& file) {
        return file.delivery().settle(in_file, clock_.wall_now(), file_->in_flight());
    });
    if (!settled) {
        waiting_->note_in_file(in_file);
    }
    land();
    if (settled && news == count_news(settlements)) {
        return {};
    }
    return fail(ErrorKind::unavailable,
                "the spool's disk refuses: what became of documents is kept in memory");
}

Result<std::vector<Reject>> Spool::rejects(DocumentRef after, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    return file_->read([&](SpoolFile& file) { return file.rejects().list(after, limit); });
}

Result<std::int64_t> Spool::retry_rejects(const RejectFilter& filter) {
    // What is refused again meanwhile is not to be retried again and again.
    const std::int64_t most = info().rejects_kept;
    std::int64_t moved = 0;
    while (moved < most) {
        const std::lock_guard lock(mutex_);
        auto step = file_->write([&](SpoolFile& file) {
            return file.rejects().retry(filter, std::min(rejects_per_retry_step, most - moved));
        });
        if (!step) {
            return step;
        }
        if (*step == 0) {
            break;
        }
        moved += *step;
    }
    return moved;
}

Result<std::int64_t> Spool::export_entries(Timestamp since, Timestamp until,
                                           const std::function<bool(const Entry&)>& visitor) {
    ArchiveReader reader(since, until);
    for (;;) {
        Result<std::vector<Entry>> entries;
        {
            const std::lock_guard lock(mutex_);
            entries = file_->read([&](SpoolFile& file) {
                ArchiveReader next = reader;
                auto found = next.read(file, entries_per_export_step);
                reader = found ? next : reader;
                return found;
            });
            for (const auto& entry : entries ? *entries : std::vector<Entry>()) {
                exported_until_ = std::max(exported_until_.load(), entry.time);
            }
        }
        if (!entries) {
            return pass_on(entries);
        }
        if (entries->empty() || !std::all_of(entries->begin(), entries->end(), visitor)) {
            return reader.unreadable();
        }
    }
}

std::optional<std::string> Spool::state(const std::string& name) {
    if (auto newer = waiting_->state(name)) {
        return newer;
    }
    const std::lock_guard lock(mutex_);
    Result<std::optional<std::string>> stored;
    for (int i = 0; i < tries_of_state; ++i) {
        stored = file_->read([&](SpoolFile& file) { return file.entries().remembered(name); });
        if (stored) {
            return *stored;
        }
    }
    spdlog::error(
        "what the spool remembers as {} cannot be read, so it starts afresh. Check the "
        "disk: {}",
        printable(name), stored.error().message);
    return std::nullopt;
}

Result<void> Spool::remember(const std::string& name, const std::string& value) {
    const std::unique_lock lock(mutex_, std::chrono::steady_clock::now() + options_.patience);
    if (!lock) {
        return fail(ErrorKind::busy, "the disk is busy");
    }
    // What waits may hold an older state of that name, which must not come behind.
    if (auto written = write_waiting(); !written) {
        return written;
    }
    return file_->write([&](SpoolFile& file) {
        return file.change(Sync::relaxed, [&](const Ledger& ledger) {
            return file.entries().remember(name, value, ledger.next_seq);
        });
    });
}

SpoolInfo Spool::info() {
    const std::lock_guard lock(mutex_);
    SpoolInfo info = file_->info();
    const auto waiting = waiting_->amount();
    info.read += waiting.books.read;
    info.stored += waiting.books.stored;
    info.duplicates += waiting.books.duplicates;
    info.rejected += waiting.books.rejected;
    info.dropped += waiting.books.dropped;
    info.pending_documents += waiting.documents;
    info.pending_entries += static_cast<std::int64_t>(waiting.entries);
    info.unwritten_documents = waiting.documents;
    info.unwritten_entries = static_cast<std::int64_t>(waiting.entries);
    info.stored += waiting.fates.stored;
    info.duplicates += waiting.fates.duplicates;
    info.rejected += waiting.fates.rejected;
    info.pending_documents -=
        waiting.fates.stored + waiting.fates.duplicates + waiting.fates.rejected;
    return info;
}

}  // namespace pwlog
