// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sample_entry.h"
#include "spool/spool.h"

namespace pwlog::test {

/// A clock that only moves when told to.
class HandClock final : public Clock {
  public:
    WallTime wall_now() const override { return WallTime(std::chrono::milliseconds(wall_)); }
    SteadyTime steady_now() const override {
        return SteadyTime(std::chrono::milliseconds(steady_));
    }
    bool wait_until(SteadyTime, const std::stop_token&) const override { return true; }
    bool synchronised() const override { return true; }
    std::chrono::nanoseconds uptime() const override { return steady_now().time_since_epoch(); }

    void advance(std::chrono::milliseconds by) {
        wall_ += by.count();
        steady_ += by.count();
    }
    /// The wall clock is set.
    void set_by(std::chrono::milliseconds step) { wall_ += step.count(); }
    Timestamp now() const { return to_timestamp(wall_now()); }

  private:
    std::atomic<std::int64_t> wall_{1'795'366'800'000};  // 2026-11-22T17:00:00Z
    std::atomic<std::int64_t> steady_{1'000'000};
};

/// How often chance is tried: 1, or what the environment's PWLOG_TEST_EFFORT says.
int effort();

/// Of a spool that keeps so many entries in memory while the disk refuses.
inline SpoolOptions holding(std::size_t entries) {
    SpoolOptions options;
    options.memory_entries = entries;
    return options;
}

/// A spool in `directory`; fails the test where it does not open.
std::unique_ptr<Spool> open_spool(const std::filesystem::path& directory, const Clock& clock,
                                  SpoolOptions options = {});

/// read = stored + duplicates + rejected + pending + dropped, and pending is what next_batch gives.
void check_identity(Spool& spool);

/// Every pending document, batch by batch.
std::vector<SpooledDocument> all_pending(Spool& spool, BatchLimits limits = {});
void settle_all(Spool& spool, const std::vector<SpooledDocument>& documents, Outcome outcome);

}  // namespace pwlog::test
