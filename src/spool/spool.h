// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "spool/batch.h"
#include "spool/entry.h"
#include "spool/patient_mutex.h"
#include "spool/spool_info.h"

namespace pwlog {

class TendedFile;
class WaitingEntries;

struct SpoolOptions {
    std::filesystem::path directory;  ///< made with mode 0700 where it is not there
    /// Cap of the file, or its present size where that is more; its log and ballast take up to 1.3
    /// MiB beside it. 0: 256 MiB, and delivered entries go above 5 % of what is free on the disk.
    /// At least 256 KiB.
    std::uint64_t max_bytes = 0;
    /// Delivered entries stay so long, counted while the machine runs.
    std::chrono::milliseconds keep = std::chrono::hours(24 * 7);
    /// A power cut costs at most this much; the death of the process costs nothing. Each flush
    /// wears a card.
    std::chrono::milliseconds flush_interval{60'000};
    bool sync_each_sample = false;  ///< flush with every append instead
    std::size_t memory_entries =
        1000;  ///< kept in memory while the disk refuses; then the oldest go
    std::int64_t max_rejects = 10'000;        ///< documents; then the oldest go
    std::chrono::milliseconds patience{100};  ///< that append() waits for whoever has the file
};

/// Where an appended entry is.
enum class Durability {
    committed,  ///< in the file: outlives the process
    in_memory,  ///< the disk is busy or refuses: written as soon as it can be
};

/// The only queue between reading and shipping, and the archive of what was delivered: one SQLite
/// file, owned by one process. docs/spool.md says what it promises and why it is so. Thread-safe;
/// all but append(), free_time() and state() may wait for the disk.
class Spool {
  public:
    /// ErrorKind::busy, naming the holder's pid, where another has it; ErrorKind::denied where the
    /// folder is not ours alone; ErrorKind::invalid where it was made by a newer version, or where
    /// something that is no plain file stands in its place.
    static Result<std::unique_ptr<Spool>> open(const SpoolOptions& options, const Clock& clock);
    /// Flushes.
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    /// The first millisecond from `wanted` on that no entry of the stream has, delivered ones
    /// included. Where the file cannot be asked in time, what memory knows must do.
    Timestamp free_time(const std::string& stream, Timestamp wanted);
    /// ErrorKind::invalid where the stream has an entry of this time, or it is not fit to be kept.
    Result<Durability> append(Entry entry);
    /// The newest value appended under this name; none where there is none or it was damaged, or
    /// where it cannot be read, which an error in the log tells.
    std::optional<std::string> state(const std::string& name);
    /// The same without an entry, for what hangs on none.
    Result<void> remember(const std::string& name, const std::string& value);

    /// The oldest pending documents behind `after`. They are in flight until their fate is told, or
    /// the next batch asked for: what has to be dropped of them counts as pending as long.
    Result<Batch> next_batch(const BatchLimits& limits, DocumentRef after = {});
    /// What became of a batch's documents, in one transaction; those not named stay pending, and
    /// those that no longer wait are passed over, unless they were dropped in flight.
    /// ErrorKind::unavailable: the disk refuses, what was said is kept in memory and counts, and
    /// need not be said again; only a restart forgets it.
    Result<void> settle(std::span<const Settlement> settlements);

    /// Documents refused for good behind `after`, in order, up to `limit`.
    Result<std::vector<Reject>> rejects(DocumentRef after, std::size_t limit);
    /// Makes those that fit pending again; returns how many.
    Result<std::int64_t> retry_rejects(const RejectFilter& filter = {});

    /// Every entry of this time, pending or delivered, by time, until the visitor returns false.
    /// Takes little memory, and keeps nobody waiting while the visitor works. Returns how many were
    /// passed over, as the disk fails to read them.
    Result<std::int64_t> export_entries(Timestamp since, Timestamp until,
                                        const std::function<bool(const Entry&)>& visitor);

    /// The newest time of what was exported since the start: it may be stored from there.
    Timestamp exported_until() const { return exported_until_; }

    /// To be called by a thread that can wait for the disk: writes what is in memory, flushes when
    /// that is due, copies a little of a damaged file. Without it append() does this itself.
    /// Returns when it is to be called again, at the latest: soon only while the disk refuses.
    SteadyTime tick();
    /// Writes all there is and makes it safe against a power cut.
    Result<void> flush();

    SpoolInfo info();

  private:
    Spool(const SpoolOptions& options, const Clock& clock, std::unique_ptr<TendedFile> file);
    Result<void> check_time(const std::string& stream, Timestamp time);
    void land();
    Result<void> write_waiting();
    Result<void> write_flush();
    std::chrono::milliseconds early_flush() const;
    bool is_flush_due(std::chrono::milliseconds age) const;
    void complain(const Error& error);
    void report_losses();
    std::chrono::milliseconds uptime() const;

    SpoolOptions options_;
    const Clock& clock_;
    std::unique_ptr<WaitingEntries> waiting_;
    std::atomic<Timestamp> exported_until_{Timestamp()};
    PatientMutex mutex_;  // all below
    std::unique_ptr<TendedFile> file_;
    SteadyTime last_flush_;
    SteadyTime next_complaint_{};
    SteadyTime next_loss_report_{};
    std::int64_t reported_losses_ = 0;
};

}  // namespace pwlog
