// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "spool/spool.h"
#include "spool/tended_file.h"
#include "spool/waiting_entries.h"

namespace pwlog {

// When a Spool writes what waits in memory, and what it tells of that.

namespace {

constexpr std::size_t entries_per_write = 16;
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
        auto settled = tended.write([&](SpoolFile& file) {
            return file.delivery().settle(fates, now, tended.in_flight());
        });
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
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (entries[i].in_flight != 0 && (*numbers)[i] != 0) {
                file_->in_flight()[(*numbers)[i]] |= entries[i].in_flight;
            }
        }
        waiting_->pop(*numbers);
        last_flush_ = full ? clock_.steady_now() : last_flush_;
    }
    return {};
}

bool Spool::is_flush_due(std::chrono::milliseconds age) const {
    return clock_.steady_now() - last_flush_ >= age;
}

SteadyTime Spool::tick() {
    const std::lock_guard lock(mutex_);
    file_->look_after_disk();
    note_newest(*file_, *waiting_);
    const auto done = write_waiting();
    report_losses();
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
std::chrono::milliseconds Spool::early_flush() const {
    constexpr auto lead = std::chrono::milliseconds(1000);
    return options_.flush_interval - std::min(options_.flush_interval / 6, lead);
}

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

Spool::~Spool() {
    if (auto flushed = flush(); !flushed) {
        const auto lost = waiting_->amount().documents;
        spdlog::error(
            "the spool could not be flushed at the end{}: {}",
            lost > 0 ? fmt::format(", and {} documents that waited in memory are lost", lost) : "",
            flushed.error().message);
    }
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

/// Those in memory, too: a disk may refuse for days.
void Spool::report_losses() {
    const auto* file = file_->file();
    const auto now = clock_.steady_now();
    if (now < next_loss_report_) {
        return;
    }
    const std::int64_t in_memory = waiting_->amount().books.dropped;
    const bool is_more = file == nullptr || in_memory + file->ledger().dropped > reported_losses_;
    const std::int64_t losses = is_more ? in_memory + file_->info().dropped : 0;
    if (losses > reported_losses_) {
        next_loss_report_ = now + quiet_time;
        spdlog::warn("the spool has dropped {} documents, the oldest that waited: {} in all",
                     losses - reported_losses_, losses);
    }
    reported_losses_ = std::max(reported_losses_, losses);
}

}  // namespace pwlog
