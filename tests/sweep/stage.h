// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "spool/spool.h"
#include "system_calls.h"
#include "witness.h"

namespace pwlog::test {

std::string id_of(const std::string& stream, std::int64_t time, int position);
/// One for each id, and hard to compress: an entry takes about a page.
std::string content_of(const std::string& id);
Entry entry_of(const std::string& stream, Timestamp time, int documents);

/// A clock that only moves when told to.
class StageClock final : public Clock {
  public:
    WallTime wall_now() const override { return WallTime(std::chrono::milliseconds(wall)); }
    SteadyTime steady_now() const override { return SteadyTime(std::chrono::milliseconds(steady)); }
    bool wait_until(SteadyTime, const std::stop_token&) const override { return true; }
    bool synchronised() const override { return true; }
    std::chrono::nanoseconds uptime() const override { return std::chrono::milliseconds(steady); }

    void advance(std::chrono::milliseconds by) {
        wall += by.count();
        steady += by.count();
    }
    std::int64_t wall = 1'795'366'800'000;  // 2026-11-22T17:00:00Z
    std::int64_t steady = 1'000'000;
};

/// A spool and the one who works with it: each call goes to the spool, and what it answered is
/// written down in the witness.
class Stage {
  public:
    Stage(std::filesystem::path folder, Witness& witness);

    /// False where it could not be opened, which was said.
    bool open();
    /// The process ends in order.
    void close();
    /// The process dies: what it held is leaked.
    void die() { static_cast<void>(spool_.release()); }
    bool is_open() const { return spool_ != nullptr; }

    void append(const std::string& stream = "pdu", int documents = 3);
    void append_many(int count);
    void flush();
    void tick(std::chrono::milliseconds after = std::chrono::milliseconds{1000});
    /// Settles the oldest pending documents, all with one outcome.
    void settle(std::size_t documents, Outcome outcome);
    /// Reads all that is pending; an answer that is not an error has to be right.
    void read_batches();
    void read_rejects();
    void retry_rejects();
    void read_archive();
    void read_state();
    /// Time goes on until delivered entries are too old to be kept.
    void outgrow();

    /// Ticks until nothing waits in memory any more.
    void heal();

    std::filesystem::path folder;
    Witness& witness;
    StageClock clock;
    SpoolOptions options;

    Spool& spool() { return *spool_; }

  private:
    bool is_rescuing() const;
    bool end_rescue();
    bool read_pass(std::set<std::string>& seen);
    std::vector<std::string> missing_in(const std::set<std::string>& found) const;

    std::unique_ptr<Spool> spool_;
};

/// Holds an open spool against what the witness knows; what it finds it notes there.
void compare(Spool& spool, Witness& witness, Ending ending, const std::string& where);

}  // namespace pwlog::test
