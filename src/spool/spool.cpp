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

constexpr std::size_t entries_per_write = 16;
constexpr std::size_t entries_per_export_step = 32;
constexpr std::int64_t rejects_per_retry_step = 200;
/// Of a remembered value: it is asked for once, at the start, and the file is opened anew
/// meanwhile.
constexpr int tries_of_state = 5;
/// Between two messages of the same kind.
constexpr std::chrono::minutes quiet_time{1};
/// Until the next tick where something is to be tried again.
constexpr auto busy_tick = std::chrono::seconds(1);
/// Of a tick, for copying a damaged spool: less than append() waits.
constexpr std::chrono::milliseconds rescue_budget{40};

/// What became of documents in the file while that could not be written.
Result<void> write_fates(TendedFile& tended, WaitingEntries& waiting, WallTime now) {
    for (;;) {
        const auto fates = waiting.fates_in_file();
        if (fates.empty()) {
            return {};
        }
        auto settled =
            tended.write([&](SpoolFile& file) { return file.delivery().settle(fates, now); });
        if (!settled) {
            return settled;
        }
        waiting.forget_fates(fates);
    }
}

/// Once the file can be asked.
void note_newest(TendedFile& tended, WaitingEntries& waiting) {
    if (waiting.knows_newest()) {
        return;
    }
    const auto newest = tended.read([](SpoolFile& file) { return file.entries().newest_times(); });
    if (newest) {
        waiting.note_newest(*newest);
    }
}

}  // namespace

Spool::~Spool() {
    if (auto flushed = flush(); !flushed) {
        spdlog::error("the spool could not be flushed at the end: {}", flushed.error().message);
    }
}

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
    return waiting_->is_written(*ticket) ? Durability::committed : Durability::in_memory;
}

/// All that waits for the disk, the oldest first: fates make room for entries.
Result<void> Spool::write_waiting() {
    if (auto written = write_fates(*file_, *waiting_, clock_.wall_now()); !written) {
        return written;
    }
    for (;;) {
        const auto entries = waiting_->borrow(entries_per_write);
        if (entries.empty()) {
            break;
        }
        if (file_->is_in_memory()) {
            waiting_->release();
            return fail(ErrorKind::full, "the disk has no room for the spool");
        }
        const bool full = options_.sync_each_sample || is_flush_due(options_.flush_interval);
        const auto numbers = file_->write([&](SpoolFile& file) {
            // While the disk is full, memory comes before what already waits on disk. That it is
            // may turn out between two tries.
            const Sacrifice most = file_->is_disk_full() && !waiting_->is_full()
                                       ? Sacrifice::archive
                                       : Sacrifice::pending;
            return file.append(entries, full ? Sync::full : Sync::relaxed, clock_.wall_now(),
                               uptime(), most);
        });
        if (!numbers) {
            waiting_->release();
            return pass_on(numbers);
        }
        waiting_->pop(*numbers);
        last_flush_ = full ? clock_.steady_now() : last_flush_;
    }
    report_losses();
    return {};
}

Result<Batch> Spool::next_batch(const BatchLimits& limits, DocumentRef after) {
    const std::lock_guard lock(mutex_);
    const auto done = [this](std::int64_t seq) { return waiting_->done_in_file(seq); };
    Result<Batch> batch = Batch{};
    if (!WaitingEntries::is_ours(after)) {
        batch = file_->read(
            [&](SpoolFile& file) { return file.delivery().next_batch(limits, after, done); });
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

Result<void> Spool::settle(std::span<const Settlement> settlements) {
    const std::lock_guard lock(mutex_);
    std::vector<Settlement> in_file;
    for (const auto& settlement : settlements) {
        if (!WaitingEntries::is_ours(settlement.ref)) {
            in_file.push_back(settlement);
        } else if (auto moved = waiting_->note(settlement)) {
            in_file.push_back(std::move(*moved));
        }
    }
    auto settled = file_->write(
        [&](SpoolFile& file) { return file.delivery().settle(in_file, clock_.wall_now()); });
    if (settled && in_file.size() == settlements.size()) {
        return {};
    }
    if (!settled) {
        for (const auto& settlement : in_file) {
            waiting_->note_in_file(settlement);
        }
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

bool Spool::is_flush_due(std::chrono::milliseconds age) const {
    return clock_.steady_now() - last_flush_ >= age;
}

SteadyTime Spool::tick() {
    const std::lock_guard lock(mutex_);
    file_->look_after_disk();
    note_newest(*file_, *waiting_);
    const auto done = write_waiting();
    const bool stale = file_->file() != nullptr && file_->file()->has_unflushed();
    if (done && stale && is_flush_due(early_flush())) {
        static_cast<void>(write_flush());
    } else if (!done) {
        complain(done.error());
    }
    file_->rescue(rescue_budget);
    const auto now = clock_.steady_now();
    if (!file_->is_settled() || waiting_->amount().entries > 0) {
        return now + busy_tick;
    }
    const auto flush = last_flush_ + early_flush();
    return file_->file()->has_unflushed() && flush > now ? flush : now + options_.flush_interval;
}

/// A little early, so that it is tick()'s thread that waits for the card and not a sampler.
std::chrono::milliseconds Spool::early_flush() const { return options_.flush_interval * 5 / 6; }

Result<void> Spool::flush() {
    const std::lock_guard lock(mutex_);
    file_->end_pause();
    file_->look_after_disk();  // a full one may have room by now
    auto written = write_waiting();
    return written ? write_flush() : written;
}

Result<void> Spool::write_flush() {
    auto flushed = file_->write([&](SpoolFile& file) { return file.flush(uptime()); });
    if (flushed) {
        last_flush_ = clock_.steady_now();
    }
    return flushed;
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
    const std::lock_guard lock(mutex_);
    return file_->write([&](SpoolFile& file) -> Result<void> {
        auto change = file.begin(Sync::relaxed);
        if (!change) {
            return pass_on(change);
        }
        auto done = file.entries().remember(name, value, change->ledger.next_seq);
        return done ? change->commit() : done;
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

std::chrono::milliseconds Spool::uptime() const {
    return std::chrono::floor<std::chrono::milliseconds>(clock_.uptime());
}

/// Of what the disk refuses TendedFile tells.
void Spool::complain(const Error& error) {
    const bool is_told = error.kind == ErrorKind::unavailable || error.kind == ErrorKind::full ||
                         error.kind == ErrorKind::denied || error.kind == ErrorKind::io;
    const auto now = clock_.steady_now();
    if (!is_told && now >= next_complaint_) {
        next_complaint_ = now + quiet_time;
        spdlog::error("the spool cannot be written, {} entries wait in memory: {}",
                      waiting_->amount().entries, error.message);
    }
}

void Spool::report_losses() {
    const auto* file = file_->file();
    const auto now = clock_.steady_now();
    if (file == nullptr || now < next_loss_report_) {
        return;
    }
    const std::int64_t losses = file->ledger().dropped;
    if (losses > reported_losses_) {
        next_loss_report_ = now + quiet_time;
        spdlog::warn("the spool has dropped {} documents, the oldest that waited: {} in all",
                     losses - reported_losses_, losses);
    }
    reported_losses_ = std::max(reported_losses_, losses);
}

}  // namespace pwlog
