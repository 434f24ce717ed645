#include "spool/spool.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/printable.h"
#include "spool/tended_file.h"
#include "spool/waiting_entries.h"

namespace pwlog {

namespace {

constexpr std::size_t entries_per_write = 16;
constexpr std::size_t entries_per_export_step = 32;
constexpr std::int64_t rejects_per_retry_step = 200;
/// Between two messages of the same kind.
constexpr std::chrono::minutes quiet_time{1};

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
    // The clock went back: the one case that needs a look into the file.
    const std::lock_guard lock(mutex_);
    Timestamp time = wanted;
    for (;;) {
        const auto free = file_->attempt<Timestamp>(
            [&](SpoolFile& file) { return file.entries().free_time(stream, time); });
        if (!free) {
            return std::max(wanted, *newest + std::chrono::milliseconds(1));
        }
        if (!waiting_->contains(stream, *free)) {
            return *free;
        }
        time = *free + std::chrono::milliseconds(1);
    }
}

Result<void> Spool::check_time(const std::string& stream, Timestamp time) {
    const auto newest = waiting_->newest(stream);
    if (!newest || time > *newest) {
        return {};
    }
    const std::lock_guard lock(mutex_);
    const auto taken = file_->attempt<bool>(
        [&](SpoolFile& file) { return file.entries().contains(stream, time); });
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
    // Whoever has the file now may be waiting for a slow card; reading must not. (The system's
    // clock, as the one that ThreadSanitizer can follow: where it is set back just now, this one
    // waits.)
    const std::unique_lock lock(mutex_, std::chrono::system_clock::now() + options_.patience);
    if (!lock) {
        return Durability::in_memory;
    }
    if (auto written = write_waiting(); !written) {
        complain(written.error());
    }
    return waiting_->is_written(*ticket) ? Durability::committed : Durability::in_memory;
}

Result<void> Spool::write_waiting() {
    if (file_->is_disk_full()) {
        file_->look_after_disk();
    }
    for (;;) {
        const auto entries = waiting_->borrow(entries_per_write);
        const bool full = options_.sync_each_sample || is_flush_due(options_.flush_interval);
        // While the disk is full, memory comes before what already waits on disk.
        const Sacrifice most =
            file_->is_disk_full() && !waiting_->is_full() ? Sacrifice::archive : Sacrifice::pending;
        if (entries.empty()) {
            break;
        }
        auto written = file_->attempt<void>([&](SpoolFile& file) {
            return file.append(entries, full ? Sync::full : Sync::relaxed, keep_from(), most);
        });
        if (!written) {
            waiting_->release();
            return written;
        }
        waiting_->pop(entries.size());
        last_flush_ = full ? clock_.steady_now() : last_flush_;
    }
    if (const auto dropped = waiting_->amount().dropped; dropped > 0) {
        auto counted =
            file_->attempt<void>([&](SpoolFile& file) { return file.count_dropped(dropped); });
        if (!counted) {
            return counted;
        }
        waiting_->forget_dropped(dropped);
    }
    report_losses();
    return {};
}

Result<Batch> Spool::next_batch(const BatchLimits& limits, DocumentRef after) {
    const std::lock_guard lock(mutex_);
    return file_->attempt<Batch>(
        [&](SpoolFile& file) { return file.delivery().next_batch(limits, after); });
}

Result<void> Spool::settle(std::span<const Settlement> settlements) {
    const std::lock_guard lock(mutex_);
    return file_->attempt<void>(
        [&](SpoolFile& file) { return file.delivery().settle(settlements, clock_.wall_now()); });
}

Result<std::vector<Reject>> Spool::rejects(DocumentRef after, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    return file_->attempt<std::vector<Reject>>(
        [&](SpoolFile& file) { return file.rejects().list(after, limit); });
}

Result<std::int64_t> Spool::retry_rejects(const RejectFilter& filter) {
    // What is refused again meanwhile is not to be retried again and again.
    const std::int64_t most = info().rejects_kept;
    std::int64_t moved = 0;
    while (moved < most) {
        const std::lock_guard lock(mutex_);
        auto step = file_->attempt<std::int64_t>([&](SpoolFile& file) {
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

Result<void> Spool::export_entries(Timestamp since, Timestamp until,
                                   const std::function<bool(const Entry&)>& visitor) {
    ArchiveReader reader(since, until);
    for (;;) {
        Result<std::vector<Entry>> entries;
        {
            const std::lock_guard lock(mutex_);
            entries = file_->attempt<std::vector<Entry>>([&](SpoolFile& file) {
                ArchiveReader next = reader;
                auto found = next.read(file.store(), file.entries(), entries_per_export_step);
                reader = found ? next : reader;
                return found;
            });
        }
        if (!entries) {
            return pass_on(entries);
        }
        if (entries->empty() || !std::all_of(entries->begin(), entries->end(), visitor)) {
            return {};
        }
    }
}

bool Spool::is_flush_due(std::chrono::milliseconds age) const {
    return clock_.steady_now() - last_flush_ >= age;
}

void Spool::tick() {
    const std::lock_guard lock(mutex_);
    file_->look_after_disk();
    auto done = write_waiting();
    // A little early, so that it is this thread that waits for the card and not a sampler.
    const bool stale = file_->file() != nullptr && file_->file()->has_unflushed();
    if (done && stale && is_flush_due(options_.flush_interval * 5 / 6)) {
        done = write_flush();
    }
    if (!done) {
        complain(done.error());
    }
}

Result<void> Spool::flush() {
    const std::lock_guard lock(mutex_);
    auto written = write_waiting();
    return written ? write_flush() : written;
}

Result<void> Spool::write_flush() {
    auto flushed = file_->attempt<void>([&](SpoolFile& file) { return file.flush(keep_from()); });
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
    auto stored = file_->attempt<std::optional<std::string>>(
        [&](SpoolFile& file) { return file.entries().remembered(name); });
    return stored ? std::move(*stored) : std::nullopt;
}

SpoolInfo Spool::info() {
    const std::lock_guard lock(mutex_);
    SpoolInfo info = file_->info();
    const auto waiting = waiting_->amount();
    info.read += waiting.documents + waiting.dropped;
    info.pending_documents += waiting.documents;
    info.pending_entries += static_cast<std::int64_t>(waiting.entries);
    info.unwritten_documents = waiting.documents;
    info.unwritten_entries = static_cast<std::int64_t>(waiting.entries);
    info.dropped += waiting.dropped;
    return info;
}

Timestamp Spool::keep_from() const { return to_timestamp(clock_.wall_now()) - options_.keep; }

void Spool::complain(const Error& error) {
    const auto now = clock_.steady_now();
    if (now >= next_complaint_) {
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
