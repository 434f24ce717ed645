// Fills a spool, opens it again, drains it, and says what each took: see `scripts/bench spool`.
//   bench_spool fill DIR DOCUMENTS | idle DIR | open DIR | drain DIR
#include <fmt/format.h>

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
    made.target = "powerwalker-metrics-2026.11";
    for (int outlet = 0; outlet < documents_per_entry; ++outlet) {
        const auto watts = (number * 7 + outlet * 31) % 240;
        made.documents.push_back(
            {fmt::format("rack1-pdu|outlet|{}|{}", outlet, made.time.time_since_epoch().count()),
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
    if (what == "fill") {
        const auto filled = fill(**spool, std::atoll(words[3]));
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
