// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "spool/spool.h"
#include "spool/tended_file.h"
#include "spool/waiting_entries.h"

namespace pwlog {
namespace {

constexpr std::uint64_t default_max_bytes = 256U << 20U;
constexpr std::uint64_t least_max_bytes = 256U << 10U;

/// Where none is configured, how much is free on the disk bounds the archive only: what waits is
/// given up for a limit that somebody set, or for a disk that is full.
Result<SpoolCap> cap(const SpoolOptions& options, const SpoolDirectory& directory) {
    if (options.max_bytes != 0) {
        return options.max_bytes >= least_max_bytes
                   ? Result<SpoolCap>(SpoolCap{options.max_bytes, options.max_bytes})
                   : fail(ErrorKind::invalid, fmt::format("a spool of {} bytes is too small: at "
                                                          "least {}",
                                                          options.max_bytes, least_max_bytes));
    }
    std::error_code error;
    const auto own = std::filesystem::file_size(directory.database(), error);
    const std::uint64_t free = directory.free_bytes() + (error ? 0 : own);
    return SpoolCap{default_max_bytes,
                    std::clamp(free / 20, least_max_bytes * 4, default_max_bytes)};
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(const SpoolOptions& options, const Clock& clock) {
    auto directory = SpoolDirectory::open(options.directory);
    if (!directory) {
        return pass_on(directory);
    }
    const auto limits = cap(options, *directory);
    if (!limits) {
        return pass_on(limits);
    }
    auto file = TendedFile::open(std::move(*directory),
                                 {*limits, options.max_rejects, options.keep}, clock);
    if (!file) {
        return pass_on(file);
    }
    SpoolOptions resolved = options;
    resolved.max_bytes = limits->pending_bytes;
    std::unique_ptr<Spool> spool(new Spool(resolved, clock, std::move(*file)));
    spool->tick();
    // Shows now whether the disk can be written. Where it can't, reading goes on in memory.
    static_cast<void>(spool->flush());
    return spool;
}

Spool::Spool(const SpoolOptions& options, const Clock& clock, std::unique_ptr<TendedFile> file)
    : options_(options),
      clock_(clock),
      waiting_(std::make_unique<WaitingEntries>(std::max<std::size_t>(options.memory_entries, 1))),
      file_(std::move(file)),
      last_flush_(clock.steady_now()) {
    reported_losses_ = file_->info().dropped;
}

}  // namespace pwlog
