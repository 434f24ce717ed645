// SPDX-License-Identifier: MIT
#include "trial.h"

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <new>
#include <stdexcept>

#include "history.h"

namespace pwlog::test {

namespace fs = std::filesystem;
using system_calls::Plan;

namespace {

/// Of CPU, and by the clock, for what waits for ever: the machine may be busy.
constexpr rlim_t longest_trial_cpu_s = 20;
constexpr unsigned longest_trial_s = 600;
/// What a trial leaves: at the end of the operation, and after life has gone on.
struct Remains {
    const char* name;
    Ending ending;
    bool late;
};
constexpr std::array<Remains, 5> all_remains = {{{"killed", Ending::death, false},
                                                 {"power", Ending::power, false},
                                                 {"power-names", Ending::power, false},
                                                 {"killed-late", Ending::death, true},
                                                 {"power-late", Ending::power, true}}};

/// Counts what the log says, in memory that outlives the process.
class CountingSink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit CountingSink(Witness& witness) : witness_(witness) {}

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        if (message.level >= spdlog::level::warn) {
            ++witness_.messages;
            fmt::format_to_n(witness_.last_message.data(), witness_.last_message.size() - 1, "{}",
                             fmt::string_view(message.payload.data(), message.payload.size()));
        }
        if (std::getenv("PWLOG_SWEEP_LOG") != nullptr) {
            fmt::print(stderr, "  log: {}\n",
                       fmt::string_view(message.payload.data(), message.payload.size()));
        }
    }
    void flush_() override {}

  private:
    Witness& witness_;
};

/// Runs it in a process of its own.
Ended apart(const std::function<void()>& work) {
    const pid_t child = fork();
    if (child < 0) {
        throw std::runtime_error("fork failed");
    }
    if (child == 0) {
        alarm(longest_trial_s);
        const rlimit no_core{0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        const rlimit cpu{longest_trial_cpu_s, longest_trial_cpu_s + 1};
        setrlimit(RLIMIT_CPU, &cpu);
        work();
        _exit(0);
    }
    Ended ended;
    rusage used{};
    wait4(child, &ended.status, 0, &used);
    for (const auto& part : {used.ru_utime, used.ru_stime}) {
        ended.cpu += std::chrono::milliseconds(part.tv_sec * 1000 + part.tv_usec / 1000);
    }
    return ended;
}

void copy_folder(const fs::path& from, const fs::path& to) {
    fs::remove_all(to);
    fs::create_directory(to);
    fs::permissions(to, fs::perms::owner_all);
    for (const auto& item : fs::directory_iterator(from)) {
        fs::copy_file(item.path(), to / item.path().filename());
    }
}

}  // namespace

bool Verdict::clean() const {
    return !crashed && !hung &&
           std::all_of(findings.begin(), findings.end(), [](int count) { return count == 0; });
}

struct Bench::Shared {
    Witness prepared;  ///< after prepare(): where each trial begins
    Witness witness;
    Witness cut;  ///< what was known when the operation ended
    StageClock clock;
    StageClock prepared_clock;
};

namespace {

/// Memory that a child and its parent have together.
template <typename Content>
std::shared_ptr<Content> share() {
    void* memory =
        mmap(nullptr, sizeof(Content), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        throw std::bad_alloc();
    }
    return std::shared_ptr<Content>(new (memory) Content,
                                    [](Content* shared) { munmap(shared, sizeof(Content)); });
}

void listen(Witness& witness) {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("sweep", std::make_shared<CountingSink>(witness)));
}

void judge(Verdict& verdict, const Ended& ended) {
    const int status = ended.status;
    verdict.cpu = std::max(verdict.cpu, ended.cpu);
    const bool hung =
        WIFSIGNALED(status) &&
        (WTERMSIG(status) == SIGALRM || WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL);
    verdict.hung = verdict.hung || hung;
    verdict.crashed = verdict.crashed || (status != 0 && !hung);
}

}  // namespace

Verdict try_history(unsigned seed, const fs::path& scratch) {
    const auto witness = share<Witness>();
    const fs::path folder = scratch / fmt::format("history-{}", seed);
    const Ended ended = apart([&] {
        listen(*witness);
        live_by_chance(seed, folder, *witness);
    });
    fs::remove_all(folder);
    Verdict verdict;
    verdict.findings = witness->findings;
    verdict.first = witness->first_finding.data();
    judge(verdict, ended);
    return verdict;
}

Bench::Bench(const Operation& operation, const fs::path& scratch)
    : operation_(operation),
      scratch_(scratch / operation.name),
      template_(scratch_ / "template"),
      live_(scratch_ / "live") {
    fs::create_directories(template_);
    fs::permissions(template_, fs::perms::owner_all);
    void* memory =
        mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        throw std::bad_alloc();
    }
    shared_ = std::shared_ptr<Shared>(new (memory) Shared,
                                      [](Shared* shared) { munmap(shared, sizeof(Shared)); });
    const Ended made = apart([this] {
        listen(shared_->prepared);
        Stage stage(template_, shared_->prepared);
        operation_.options(stage.options);
        operation_.prepare(stage);
        stage.die();
        shared_->prepared_clock = stage.clock;
    });
    if (made.status != 0 || shared_->prepared.found() > 0) {
        throw std::runtime_error(fmt::format("{}: the beginning cannot be made: {}", operation.name,
                                             shared_->prepared.first_finding.data()));
    }
    auto& prepared = shared_->prepared;
    prepared.lossy = operation.lossy || operation.damaged;
    prepared.messages = prepared.refusals = 0;
    for (std::size_t i = 0; i < prepared.size; ++i) {
        auto& fate = prepared.entries.at(i);  // the system had all the time to write it
        fate.flushed = fate.append == EntryFate::Append::committed;
        fate.settled_flushed = fate.settled;
        fate.may_wait |= operation.damaged ? ~std::uint64_t{0} : 0;
    }
    undisturbed_ = run({});
    if (operation.damaged) {
        allow_for_damage();
        undisturbed_ = run({});
    }
}

/// What the run without a fault lost may be lost in the others too, and no more.
void Bench::allow_for_damage() {
    shared_->prepared.lossy = false;
    static_cast<void>(apart([this] {
        Witness ignored;
        Stage stage(scratch_ / "killed-late", ignored);
        operation_.options(stage.options);
        stage.clock = shared_->clock;
        if (!stage.open()) {
            return;
        }
        stage.heal();
        auto& witness = shared_->prepared;
        for (std::size_t i = 0; i < witness.size; ++i) {
            witness.entries.at(i).damaged = true;
        }
        static_cast<void>(
            stage.spool().export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
                if (auto* fate =
                        witness.find(entry.stream.c_str(), entry.time.time_since_epoch().count())) {
                    fate->damaged = false;
                }
                return true;
            }));
    }));
}

Verdict Bench::run(const Plan& plan) {
    copy_folder(template_, live_);
    for (const auto& item : all_remains) {
        fs::remove_all(scratch_ / item.name);
    }
    shared_->witness = shared_->prepared;
    shared_->cut = {};
    shared_->witness.full = plan.nth > 0 && (plan.fault == system_calls::Fault::no_space ||
                                             plan.fault == system_calls::Fault::torn);
    shared_->clock = shared_->prepared_clock;
    // An allocation that C++ makes throws, and nothing catches it: then the process ends, by
    // abort(), and what was committed has to be there.
    const bool may_abort = plan.call == system_calls::Call::allocate;
    Ended first = apart([&] {
        if (may_abort) {
            static_cast<void>(std::freopen("/dev/null", "w", stderr));  // it says so each time
        }
        act(plan);
    });
    if (first.status != 0) {
        const bool acted = fs::exists(scratch_ / "killed");
        copy_folder(live_, scratch_ / (acted ? "killed-late" : "killed"));
        if (!acted) {
            shared_->cut = shared_->witness;
            shared_->cut.findings = {};
        }
        const bool aborted = WIFSIGNALED(first.status) && WTERMSIG(first.status) == SIGABRT;
        first.status = may_abort && aborted ? 0 : first.status;
    }
    const Ended second = apart([this] { look_at_remains(); });
    return verdict(first, second);
}

/// What a dying process and a dying machine would leave now.
void Bench::snapshot() {
    const system_calls::Pause pause;
    shared_->cut = shared_->witness;
    shared_->cut.findings = {};
    copy_folder(live_, scratch_ / "killed");
    for (const auto& [name, names] :
         {std::pair("power", Names::kept), {"power-names", Names::lost}}) {
        fs::create_directory(scratch_ / name);
        fs::permissions(scratch_ / name, fs::perms::owner_all);
        system_calls::record().remains(scratch_ / name, names);
    }
}

void Bench::act(const Plan& plan) {
    auto& witness = shared_->witness;
    listen(witness);
    Stage stage(live_, witness);
    operation_.options(stage.options);
    stage.clock = shared_->clock;
    system_calls::watch(live_);
    operation_.begin(stage);
    system_calls::on_kill([&] {
        snapshot();
        shared_->clock = stage.clock;
        _exit(0);
    });
    system_calls::arm(plan);
    operation_.act(stage);
    {
        const system_calls::Pause pause;
        std::copy(system_calls::counts().begin(), system_calls::counts().end(),
                  witness.counts.begin());
    }
    if (!plan.always) {
        system_calls::disarm();
    }
    snapshot();
    shared_->clock = stage.clock;
    if (operation_.check) {
        return;
    }
    // Life goes on, with the fault where it stays.
    stage.tick();
    stage.append();
    stage.settle(2, Outcome::stored);
    stage.tick(std::chrono::seconds(30));
    system_calls::disarm();
    if (!stage.is_open() && !stage.open()) {
        witness.note(Finding::stuck, "cannot be opened though the disk works again");
        return;
    }
    stage.heal();
    stage.append();
    if (witness.entries.at(witness.size - 1).append != EntryFate::Append::committed) {
        witness.note(Finding::stuck, "commits nothing though the disk works again");
    }
    compare(stage.spool(), witness, Ending::none, "in the process that goes on");
    stage.flush();
    copy_folder(live_, scratch_ / "killed-late");
    fs::create_directory(scratch_ / "power-late");
    fs::permissions(scratch_ / "power-late", fs::perms::owner_all);
    system_calls::record().remains(scratch_ / "power-late", Names::lost);
    shared_->clock = stage.clock;
    stage.close();
}

void Bench::look_at_remains() {
    listen(shared_->witness);
    for (const auto& [name, ending, late] : all_remains) {
        if (fs::exists(scratch_ / name)) {
            look_at(scratch_ / name, ending, late ? shared_->witness : shared_->cut);
        }
    }
}

void Bench::look_at(const fs::path& folder, Ending ending, Witness& witness) {
    const std::string where = folder.filename().string();
    Stage stage(folder, witness);
    if (operation_.check) {
        operation_.check(stage, ending);
        return;
    }
    operation_.options(stage.options);
    stage.clock = shared_->clock;
    if (!stage.open()) {
        witness.note(Finding::stuck, (where + ": cannot be opened").c_str());
        return;
    }
    stage.heal();
    compare(stage.spool(), witness, ending, where);
    stage.clock.advance(std::chrono::hours(1));
    auto fresh = entry_of("fresh", to_timestamp(stage.clock.wall_now()), 1);
    const auto appended = stage.spool().append(std::move(fresh));
    if (!appended || *appended != Durability::committed || !stage.spool().flush()) {
        witness.note(Finding::stuck, (where + ": takes no new entry").c_str());
    }
}

Verdict Bench::verdict(const Ended& first, const Ended& second) const {
    const auto& [prepared, witness, cut, clock, prepared_clock] = *shared_;
    Verdict verdict;
    std::transform(witness.findings.begin(), witness.findings.end(), cut.findings.begin(),
                   verdict.findings.begin(), std::plus<>());
    verdict.first = cut.found() > 0 ? cut.first_finding.data() : witness.first_finding.data();
    std::copy_n(witness.counts.begin(), verdict.counts.size(), verdict.counts.begin());
    judge(verdict, first);
    judge(verdict, second);
    return verdict;
}

}  // namespace pwlog::test
