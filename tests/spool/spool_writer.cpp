// SPDX-License-Identifier: MIT
// A process for tests that kill it or put faults under it: appends and delivers, and says on
// standard output what it was told is safe:
//     c 1795366800000    the entry of this time is committed
//     m 1795366800000    it is in memory
//     s 12               the 12 oldest documents are settled as stored
//     u 0                at the end: entries not written
//
//     spool_writer DIRECTORY FIRST_TIME COUNT
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>

#include "sample_entry.h"
#include "spool/spool.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

/// One write per line: nothing said is left in a buffer.
void say(char what, std::int64_t number) {
    const std::string line = fmt::format("{} {}\n", what, number);
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) {
        _exit(3);
    }
}

bool deliver(Spool& spool) {
    const auto batch = spool.next_batch({20, 1U << 20U});
    if (!batch) {
        return false;
    }
    std::vector<Settlement> settlements;
    for (const auto& document : batch->documents) {
        settlements.push_back({document.ref, Outcome::stored});
    }
    const auto settled = spool.settle(settlements);
    if (settled) {
        say('s', static_cast<std::int64_t>(settlements.size()));
    }
    return settled.has_value();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        return 2;
    }
    spdlog::set_level(spdlog::level::off);
    const SystemClock clock;
    SpoolOptions options;
    options.directory = argv[1];
    options.max_bytes = 8U << 20U;
    options.keep = std::chrono::hours(24 * 365 * 100);  // its times are invented
    auto spool = Spool::open(options, clock);
    if (!spool) {
        fmt::print(stderr, "{}\n", spool.error().message);
        return 1;
    }
    const std::int64_t first = std::atoll(argv[2]);
    for (std::int64_t i = 0; i < std::atoll(argv[3]); ++i) {
        const Timestamp time{std::chrono::milliseconds(first + i)};
        const auto appended = (*spool)->append(make_entry("pdu", time));
        if (!appended) {
            return 1;
        }
        say(*appended == Durability::committed ? 'c' : 'm', first + i);
        if (i % 5 == 4) {
            deliver(**spool);
        }
        if (i % 7 == 6) {
            static_cast<void>((*spool)->flush());
        }
    }
    static_cast<void>((*spool)->flush());
    static_cast<void>((*spool)->flush());  // where the first met a fault
    say('u', (*spool)->info().unwritten_entries);
    return 0;
}
