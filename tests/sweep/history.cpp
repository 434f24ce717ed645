// SPDX-License-Identifier: MIT
#include "history.h"

#include <fmt/format.h>

#include <fstream>
#include <random>
#include <set>

#include "stage.h"

namespace pwlog::test {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using system_calls::Call;
using system_calls::Fault;

namespace {

constexpr int steps = 150;

class History {
  public:
    History(unsigned seed, fs::path folder, Witness& witness)
        : random_(seed), folder_(std::move(folder)), witness_(witness) {
        flips_ = pick(4) == 0;
        options_.directory = folder_;
        options_.max_bytes = pick(3) == 0 ? 256U << 10U : 8U << 20U;
        options_.sync_each_sample = pick(4) == 0;
        options_.keep = std::chrono::hours(1 + pick(3));
        witness_.lossy = options_.max_bytes == 256U << 10U;
        move_to_new_folder();
    }

    void go() {
        begin(Ending::none);
        for (int i = 0; i < steps && witness_.found() == 0; ++i) {
            step_ = i;
            step();
        }
        end_fault();
        settle_down();
    }

  private:
    unsigned pick(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

    void step() {
        if (faulty_for_ > 0 && --faulty_for_ == 0) {
            end_fault();
        }
        stage_->clock.advance(std::chrono::seconds(pick(60)));
        switch (pick(24)) {
            case 0:
                return end(Ending::death);
            case 1:
                return end(Ending::power);
            case 2:
                return close();
            case 3:
                return fail();
            case 4:
                stage_->retry_rejects();
                return;
            case 5:
            case 6:
                stage_->flush();
                return;
            case 7:
                stage_->tick();
                return;
            case 8:
                stage_->read_batches();
                return;
            case 9:
                stage_->read_archive();
                return;
            case 10:
            case 11:
            case 12:
            case 13:
                stage_->settle(1 + pick(20), static_cast<Outcome>(std::min(2U, pick(6))));
                return;
            case 14:
                return let_time_pass();
            default:
                stage_->append(pick(2) == 0 ? "pdu" : "ats", 1 + static_cast<int>(pick(9)));
        }
    }

    void let_time_pass() {
        if (pick(4) == 0) {
            stage_->clock.advance(options_.keep);
        }
    }

    /// Some call fails for some time, or once.
    void fail() {
        if (faulty_for_ > 0) {
            return;
        }
        static constexpr std::array kinds = {Call::open,      Call::read,     Call::write,
                                             Call::sync,      Call::truncate, Call::unlink,
                                             Call::fallocate, Call::rename,   Call::any};
        static constexpr std::array faults = {Fault::io_error, Fault::no_space, Fault::read_only,
                                              Fault::short_count, Fault::torn};
        system_calls::Plan plan{kinds.at(pick(kinds.size())), faults.at(pick(faults.size())),
                                1 + static_cast<int>(pick(30)), pick(2) == 0};
        if (system_calls::is_possible(plan.call, plan.fault)) {
            // Where there is no room the archive goes, and a reply that was lost is no reply.
            witness_.full = true;
            faulty_for_ = 1 + static_cast<int>(pick(12));
            system_calls::arm(plan);
        }
    }

    void end_fault() {
        system_calls::disarm();
        faulty_for_ = 0;
        if (!stage_->is_open()) {
            begin(Ending::none);
        }
    }

    /// In order; then all there was has been flushed, if the disk let it.
    void close() {
        if (faulty_for_ > 0 || !stage_->is_open()) {
            return;
        }
        stage_->flush();
        stage_->close();
        begin(Ending::none);
    }

    /// The process or the machine dies, and comes back somewhere else.
    void end(Ending ending) {
        system_calls::disarm();
        faulty_for_ = 0;
        const fs::path before = folder_;
        move_to_new_folder();
        if (ending == Ending::death) {
            for (const auto& item : fs::directory_iterator(before)) {
                fs::copy_file(item.path(), folder_ / item.path().filename());
            }
        } else {
            const Names names = pick(2) == 0 ? Names::kept : Names::lost;
            system_calls::record().remains(folder_, names, pick(2) == 0 ? &random_ : nullptr);
        }
        stage_->die();
        if (flips_ && pick(2) == 0) {
            flip();
        }
        fs::remove_all(before);
        begin(ending);
    }

    void flip() {
        witness_.lossy = true;
        for (auto& fate : witness_.entries) {
            fate.may_wait = ~std::uint64_t{0};
        }
        const fs::path file = folder_ / (pick(3) == 0 ? "spool.db-wal" : "spool.db");
        std::error_code error;
        const auto size = fs::file_size(file, error);
        if (error || size == 0) {
            return;
        }
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        const auto at = static_cast<std::streamoff>(random_() % size);
        stream.seekg(at);
        const int byte = stream.get();
        stream.seekp(at);
        stream.put(static_cast<char>(byte ^ (1 << pick(8))));
    }

    void move_to_new_folder() {
        folder_.replace_filename(fmt::format("life-{}", ++folders_));
        fs::create_directories(folder_);
        fs::permissions(folder_, fs::perms::owner_all);
    }

    /// Opens what is there, holds it against what is known, and goes on from there.
    void begin(Ending ending) {
        const auto clock = stage_ ? stage_->clock : StageClock{};
        stage_ = std::make_unique<Stage>(folder_, witness_);
        stage_->options = options_;
        stage_->options.directory = folder_;
        stage_->clock = clock;
        system_calls::watch(folder_);
        if (!stage_->open()) {
            witness_.note(Finding::stuck, fmt::format("step {}: cannot be opened", step_).c_str());
            return;
        }
        stage_->heal();
        look(ending);
    }

    void look(Ending ending) {
        witness_.keep_from = stage_->clock.wall - options_.keep.count();
        compare(stage_->spool(), witness_, ending, fmt::format("step {}", step_));
        if (ending != Ending::none) {
            accept_what_is_there(ending);
        }
        stage_->flush();
    }

    void settle_down() {
        if (stage_->is_open()) {
            stage_->heal();
            look(Ending::none);
        }
    }

    /// What could be there or not is now known.
    void accept_what_is_there(Ending ending) {
        std::set<std::pair<std::string, std::int64_t>> there;
        static_cast<void>(
            stage_->spool().export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
                there.emplace(entry.stream, entry.time.time_since_epoch().count());
                return true;
            }));
        for (std::size_t i = 0; i < witness_.size; ++i) {
            auto& fate = witness_.entries.at(i);
            const bool found = there.contains({fate.stream.data(), fate.time});
            if (found) {
                fate.append = EntryFate::Append::committed;
            } else if (!fate.must_be_there(ending)) {
                fate.append = EntryFate::Append::refused;
            }
            fate.settled = fate.must_be_settled(ending);
            fate.flushed = fate.flushed || found;
        }
    }

    std::mt19937 random_;
    fs::path folder_;
    Witness& witness_;
    SpoolOptions options_;
    std::unique_ptr<Stage> stage_;
    bool flips_ = false;
    int faulty_for_ = 0;
    int folders_ = 0;
    int step_ = 0;
};

}  // namespace

void live_by_chance(unsigned seed, const fs::path& folder, Witness& witness) {
    History(seed, folder / "life", witness).go();
}

}  // namespace pwlog::test
