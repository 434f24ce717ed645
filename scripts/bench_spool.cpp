// SPDX-License-Identifier: MIT
// Fills a spool, opens it again, drains it, and says what each took: see `scripts/bench spool`.
//   bench_spool fill DIR DOCUMENTS | fill-damaged DIR DOCUMENTS PENDING | idle DIR | open DIR |
//   drain DIR | rescue DIR
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "spool/spool.h"

using namespace pwlog;

namespace {

constexpr int documents_per_entry = 9;  // a PDU's cycle

std::size_t pss_kib() {
    std::ifstream file("/proc/self/smaps_rollup");
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("Pss:", 0) == 0) {
            return std::stoul(line.substr(4));
        }
    }
    return 0;
}

double seconds_since(SteadyTime then) {
    return std::chrono::duration<double>(SystemClock().steady_now() - then).count();
}

/// Of the size and the repetitiveness of a real one.
Entry entry(std::int64_t number) {
    Entry made;
    made.stream = "rack1-pdu";
    made.time = Timestamp(std::chrono::milliseconds(1'790'000'000'000 + number * 10'000));
    for (int outlet = 0; outlet < documents_per_entry; ++outlet) {
        const auto watts = (number * 7 + outlet * 31) % 240;
        made.documents.push_back(
            {fmt::format("rack1-pdu|outlet|{}|{}", outlet, made.time.time_since_epoch().count()),
             "powerwalker-metrics-2026.11",
             fmt::format(
                 R"({{"@timestamp":{},"ecs":{{"version":"8.11"}},"event":{{"dataset":"powerwalker.outlet",)"
                 R"("kind":"metric","module":"powerwalker","duration":1173000000}},"device":{{"id":"rack1-pdu",)"
                 R"("manufacturer":"PowerWalker","model":{{"name":"PDU RC-16A"}}}},"host":{{"name":"pi"}},)"
                 R"("agent":{{"name":"pi","type":"pwlog","version":"0.1.0"}},"labels":{{"site":"home"}},)"
                 R"("powerwalker":{{"outlet":{{"number":{},"name":"outlet {}","state":"on","state_code":1,)"
                 R"("current_a":{}.{},"power_w":{},"power_va":{},"power_factor":0.97,"energy_kwh":{}.{},)"
                 R"("interval_wh":0.{:04},"cost":0.0001}}}}}})",
                 made.time.time_since_epoch().count(), outlet, outlet, watts / 100, watts % 10,
                 watts, watts + 3, number / 3000, number % 10, watts * 27 % 10000)});
    }
    return made;
}

Result<std::unique_ptr<Spool>> open_spool(const char* folder, const Clock& clock) {
    SpoolOptions options;
    options.directory = folder;
    options.max_bytes = std::uint64_t{64} << 30U;
    return Spool::open(options, clock);
}

Result<void> fill(Spool& spool, std::int64_t documents) {
    for (std::int64_t number = 0; number * documents_per_entry < documents; ++number) {
        if (auto appended = spool.append(entry(number)); !appended) {
            return pass_on(appended);
        }
    }
    return spool.flush();
}

Result<std::int64_t> drain(Spool& spool) {
    std::int64_t drained = 0;
    for (bool more = true; more;) {
        auto batch = spool.next_batch({});
        if (!batch) {
            return pass_on(batch);
        }
        more = batch->more;
        std::vector<Settlement> settlements;
        settlements.reserve(batch->documents.size());
        for (const auto& document : batch->documents) {
            settlements.push_back({.ref = document.ref, .outcome = Outcome::stored});
        }
        if (auto settled = spool.settle(settlements); !settled) {
            return pass_on(settled);
        }
        drained += static_cast<std::int64_t>(settlements.size());
    }
    return drained;
}

/// Delivers all but the newest `pending` documents.
Result<void> deliver_oldest(Spool& spool, std::int64_t pending) {
    for (;;) {
        auto batch = spool.next_batch({});
        const auto most = spool.info().pending_documents - pending;
        if (!batch || most <= 0) {
            return batch ? Result<void>{} : pass_on(batch);
        }
        std::vector<Settlement> settlements;
        for (const auto& document : batch->documents) {
            if (static_cast<std::int64_t>(settlements.size()) < most) {
                settlements.push_back({.ref = document.ref, .outcome = Outcome::stored});
            }
        }
        if (auto settled = spool.settle(settlements); !settled) {
            return settled;
        }
    }
}

/// The damaged spool is found when it is first read; from then on it samples and ticks as the
/// daemon does, until all that can be read was copied.
int rescue(Spool& spool, SteadyTime began) {
    const SystemClock clock;
    double longest = 0;
    double sampling = 0;
    std::int64_t pending = 0;
    for (std::int64_t i = 0;; ++i) {
        const auto start = clock.steady_now();
        const auto appended = spool.append(entry(2'000'000'000 + i));
        (void)spool.next_batch({1, 1});
        spool.tick();
        longest = std::max(longest, seconds_since(start));
        if (sampling == 0 && appended && *appended == Durability::committed) {
            sampling = seconds_since(began);
        }
        const auto now = spool.info().pending_documents - (i + 1) * documents_per_entry;
        if (i > 20 && now == pending) {
            break;
        }
        pending = now;
    }
    const auto info = spool.info();
    fmt::print(
        "sampling again {} (after {:.3f} s), {} documents copied after {:.1f} s, {} dropped, "
        "longest turn {:.3f} s\n",
        sampling <= 1 ? "within a second" : "TOO LATE", sampling, pending, seconds_since(began),
        info.dropped, longest);
    return EXIT_SUCCESS;
}

int give_up(const Error& error) {
    std::cerr << error.message << '\n';
    return EXIT_FAILURE;
}

}  // namespace

int main(int count, char** words) {
    const std::string what = count > 2 ? words[1] : "";
    const SystemClock clock;
    const auto began = clock.steady_now();
    auto spool = open_spool(count > 2 ? words[2] : "", clock);
    if (!spool) {
        return give_up(spool.error());
    }
    const double opened = seconds_since(began);
    if (what == "rescue") {
        return rescue(**spool, began);
    }
    if (what == "fill" || what == "fill-damaged") {
        auto filled = fill(**spool, std::atoll(words[3]));
        if (filled && what == "fill-damaged") {
            filled = deliver_oldest(**spool, std::atoll(words[4]));
        }
        fmt::print("{:.0f} documents/s\n",
                   static_cast<double>((*spool)->info().pending_documents) / seconds_since(began));
        return filled ? EXIT_SUCCESS : give_up(filled.error());
    }
    if (what == "drain") {
        const auto start = clock.steady_now();
        const auto drained = drain(**spool);
        if (!drained) {
            return give_up(drained.error());
        }
        fmt::print("{} documents, {:.0f} documents/s, {:.1f} MB PSS\n", *drained,
                   static_cast<double>(*drained) / seconds_since(start),
                   static_cast<double>(pss_kib()) / 1024);
        return EXIT_SUCCESS;
    }
    // A little of each work of a day, so that what it needs is in memory.
    (void)(*spool)->append(entry(1'000'000'000));
    (void)(*spool)->next_batch({});
    (*spool)->tick();
    fmt::print("{} waiting, opened in {:.3f} s, {:.1f} MB PSS\n",
               (*spool)->info().pending_documents, opened, static_cast<double>(pss_kib()) / 1024);
    return EXIT_SUCCESS;
}
