// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "trial.h"

using namespace pwlog::test;
using system_calls::Call;
using system_calls::Fault;
using system_calls::Plan;

namespace {

constexpr std::size_t most_operations = 64;
constexpr int most_told = 40;  ///< of the cases that found something

struct Options {
    std::vector<std::string> operations;
    std::vector<std::string> calls;
    std::vector<std::string> faults;
    std::string mode;
    int nth = 0;
    int every = 1;
    unsigned seed = 1;
    unsigned histories = 0;
    unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
};

/// A row of the table; filled by all workers.
struct Row {
    std::atomic<int> calls;
    std::atomic<int> faults;
    std::atomic<int> cases;
    std::array<std::atomic<int>, finding_kinds> findings;
    std::atomic<int> crashed;
    std::atomic<int> hung;
};
struct Table {
    std::array<Row, most_operations> rows;
    std::atomic<int> told;
    std::atomic<int> failed;
    std::atomic<std::int64_t> longest_ms;  ///< of CPU
};

/// Calls that the plan's fault can meet.
int calls_met(const Verdict& undisturbed, Call call) {
    return undisturbed.counts.at(static_cast<std::size_t>(call));
}

bool is_wanted(const std::vector<std::string>& wanted, std::string_view name) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
}

/// Every plan for an operation, of those that the options ask for.
std::vector<Plan> plans_for(const Operation& operation, const Verdict& undisturbed,
                            const Options& options) {
    std::vector<Plan> plans;
    for (std::size_t call = 0; call < system_calls::call_kinds; ++call) {
        for (std::size_t fault = 0; fault < system_calls::fault_kinds; ++fault) {
            for (const bool always : {false, true}) {
                Plan plan{static_cast<Call>(call), static_cast<Fault>(fault), 0, always};
                // A call that fails once is already met under its own name.
                // RapidJSON, which writes backfill's files, does not look whether it got memory.
                const bool unchecked = operation.check && plan.call == Call::allocate;
                const bool repeated =
                    plan.call == Call::any && plan.fault != Fault::kill && !always;
                const bool kept_wrong =
                    plan.fault == Fault::wrong && (always || !operation.reads_only);
                if (repeated || unchecked || kept_wrong || (plan.fault == Fault::kill && always) ||
                    !system_calls::is_possible(plan.call, plan.fault) ||
                    !is_wanted(options.calls, system_calls::call_names.at(call)) ||
                    !is_wanted(options.faults, system_calls::fault_names.at(fault)) ||
                    (!options.mode.empty() && (options.mode == "always") != always)) {
                    continue;
                }
                const int most = calls_met(undisturbed, plan.call);
                const auto offset = static_cast<int>(
                    std::hash<std::string>{}(fmt::format("{} {} {} {} {}", options.seed,
                                                         operation.name, call, fault, always)) %
                    static_cast<unsigned>(std::clamp(options.every, 1, std::max(1, most))));
                for (int nth = 1 + offset; nth <= most; nth += options.every) {
                    plan.nth = nth;
                    if (options.nth == 0 || options.nth == nth) {
                        plans.push_back(plan);
                    }
                }
            }
        }
    }
    return plans;
}

std::string reproduction(const Operation& operation, const Plan& plan) {
    return fmt::format("--operation {} --call {} --fault {} --nth {} {}", operation.name,
                       system_calls::call_names.at(static_cast<std::size_t>(plan.call)),
                       system_calls::fault_names.at(static_cast<std::size_t>(plan.fault)), plan.nth,
                       plan.always ? "--always" : "--once");
}

void enter(Table& table, Row& row, const Verdict& verdict, const std::string& what) {
    ++row.cases;
    std::int64_t longest = table.longest_ms;
    while (longest < verdict.cpu.count() &&
           !table.longest_ms.compare_exchange_weak(longest, verdict.cpu.count())) {
    }
    for (std::size_t i = 0; i < finding_kinds; ++i) {
        row.findings.at(i) += verdict.findings.at(i) > 0 ? 1 : 0;
    }
    row.crashed += verdict.crashed ? 1 : 0;
    row.hung += verdict.hung ? 1 : 0;
    if (!verdict.clean()) {
        ++table.failed;
        if (table.told++ < most_told) {
            fmt::print("{}\n    {}{}{}\n", what, verdict.crashed ? "CRASHED " : "",
                       verdict.hung ? "HUNG " : "", verdict.first);
            std::fflush(stdout);
        }
    }
}

void live(const Options& options, Table& table, unsigned worker,
          const std::filesystem::path& scratch) {
    for (unsigned number = worker; number < options.histories; number += options.jobs) {
        const unsigned seed = options.seed + number;
        enter(table, table.rows.back(), try_history(seed, scratch / std::to_string(worker)),
              fmt::format("--histories 1 --seed {}", seed));
    }
}

/// Every `jobs`th case.
void work(const Options& options, Table& table, unsigned worker,
          const std::filesystem::path& scratch) {
    for (std::size_t i = 0; i < operations().size(); ++i) {
        const auto& operation = operations().at(i);
        if (!is_wanted(options.operations, operation.name)) {
            continue;
        }
        auto& row = table.rows.at(i);
        Bench bench(operation, scratch / std::to_string(worker));
        const auto plans = plans_for(operation, bench.undisturbed(), options);
        if (worker == 0) {
            row.calls = calls_met(bench.undisturbed(), Call::any);
            enter(table, row, bench.undisturbed(), operation.name + " without a fault");
        }
        for (std::size_t number = worker; number < plans.size(); number += options.jobs) {
            ++row.faults;
            enter(table, row, bench.run(plans.at(number)),
                  reproduction(operation, plans.at(number)));
        }
    }
}

void print(const Table& table) {
    fmt::print("{:<16}{:>7}{:>8}{:>7}{:>7}{:>8}{:>7}{:>7}{:>9}{:>6}\n", "operation", "calls",
               "cases", "lost", "twice", "untold", "books", "stuck", "crashed", "hung");
    std::array<int, 9> sums{};
    const auto line = [](const std::string& name, const std::array<int, 9>& n) {
        fmt::print("{:<16}{:>7}{:>8}{:>7}{:>7}{:>8}{:>7}{:>7}{:>9}{:>6}\n", name, n[0], n[1], n[2],
                   n[3], n[4], n[5], n[6], n[7], n[8]);
    };
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const auto& row = table.rows.at(i);
        if (row.cases == 0) {
            continue;
        }
        std::array<int, 9> numbers{row.calls, row.cases};
        std::copy(row.findings.begin(), row.findings.end(), numbers.begin() + 2);
        numbers[7] = row.crashed;
        numbers[8] = row.hung;
        std::transform(sums.begin(), sums.end(), numbers.begin(), sums.begin(), std::plus<>());
        line(i < operations().size() ? operations().at(i).name : "histories", numbers);
    }
    line("all", sums);
    fmt::print("the longest process took {} ms of CPU\n", table.longest_ms.load());
}

int sweep(const Options& options) {
    void* memory =
        mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    std::string scratch = "/dev/shm/pwlog-sweep-XXXXXX";
    if (memory == MAP_FAILED || mkdtemp(scratch.data()) == nullptr) {
        std::perror("sweep");
        return 1;
    }
    auto& table = *new (memory) Table{};
    std::vector<pid_t> workers;
    for (unsigned worker = 0; worker < options.jobs; ++worker) {
        workers.push_back(fork());
        if (workers.back() == 0) {
            if (options.histories > 0) {
                live(options, table, worker, scratch);
            } else {
                work(options, table, worker, scratch);
            }
            _exit(0);
        }
    }
    bool whole = true;
    for (const pid_t worker : workers) {
        int status = 0;
        waitpid(worker, &status, 0);
        whole = whole && status == 0;
    }
    std::filesystem::remove_all(scratch);
    print(table);
    if (table.told > most_told) {
        fmt::print("{} more cases found something; --operation, --call and --fault narrow it\n",
                   table.told - most_told);
    }
    return whole && table.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app(
        "The spool with each of its system calls failing in turn: nothing committed may be lost or "
        "come twice, the books add up, losses are told.");
    app.add_option("--operation", options.operations, "Only these")->check(CLI::IsMember([] {
        std::vector<std::string> names;
        for (const auto& operation : operations()) {
            names.push_back(operation.name);
        }
        return names;
    }()));
    app.add_option("--call", options.calls, "Only these kinds")
        ->check(CLI::IsMember(std::vector<std::string>(system_calls::call_names.begin(),
                                                       system_calls::call_names.end())));
    app.add_option("--fault", options.faults, "Only these")
        ->check(CLI::IsMember(std::vector<std::string>(system_calls::fault_names.begin(),
                                                       system_calls::fault_names.end())));
    app.add_option("--nth", options.nth, "Only the nth call")->check(CLI::PositiveNumber);
    app.add_flag_callback(
        "--once", [&] { options.mode = "once"; }, "Only faults that pass");
    app.add_flag_callback(
        "--always", [&] { options.mode = "always"; }, "Only faults that stay");
    app.add_option("--every", options.every, "Only every nth case, and one of each kind")
        ->check(CLI::PositiveNumber);
    app.add_option("--seed", options.seed, "Which ones those are");
    app.add_option("--histories", options.histories,
                   "So many lives by chance instead, from this seed on");
    app.add_option("--jobs", options.jobs, "At the same time")->check(CLI::PositiveNumber);
    CLI11_PARSE(app, argc, argv);
    return sweep(options);
}
