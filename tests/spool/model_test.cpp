// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <optional>
#include <random>

#include "memory_dir.h"
#include "spool_model.h"
#include "spool_support.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// One spool and its model, through whatever chance brings.
class History {
  public:
    explicit History(unsigned seed) : random_(seed) {
        options_.keep = std::chrono::minutes(pick(200));
        options_.max_bytes = (pick(2) == 0 ? 256U : 8192U) << 10U;
        options_.max_rejects = pick(2) == 0 ? 20 : 10'000;
        spool_ = open_spool(dir_->path(), clock_, options_);
    }

    void go(int steps) {
        for (int i = 0; i < steps; ++i) {
            step();
        }
        model_.compare(*spool_);
    }

  private:
    unsigned pick(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

    void step() {
        clock_.advance(std::chrono::milliseconds(pick(30'000)));
        switch (pick(16)) {
            case 0:
                return crash();
            case 1:
                spool_.reset();
                spool_ = open_spool(dir_->path(), clock_, options_);
                return;
            case 2:
                return retry();
            case 3:
                CHECK(spool_->flush());
                return;
            case 4:
                spool_->tick();
                return;
            case 5:
                return model_.compare(*spool_);
            case 6:
            case 7:
            case 8:
                return deliver();
            default:
                return append();
        }
    }

    void append() {
        const std::string stream = fmt::format("device{}", pick(3));
        Timestamp wanted = clock_.now();
        if (pick(10) == 0) {
            wanted -= std::chrono::seconds(pick(600));  // the clock went back
        }
        const int documents = pick(20) == 0 ? 60 : 1 + static_cast<int>(pick(12));
        // The archive may have let an entry go that the model still has: its time is free again.
        const Timestamp free = spool_->free_time(stream, wanted);
        CHECK(free <= model_.free_time(stream, wanted));
        if (free != wanted) {
            const auto clash = spool_->append(make_entry(stream, wanted, documents));
            REQUIRE_FALSE(clash);
            CHECK(clash.error().kind == ErrorKind::invalid);
        }
        if (model_.has(stream, free)) {
            model_.compare(*spool_);
        }
        const auto entry = make_entry(stream, free, documents);
        REQUIRE(spool_->append(entry).value() == Durability::committed);
        model_.append(entry);
        model_.compare_drops(*spool_);
    }

    /// What the cap takes for it is told once the answer has come.
    void append_in_flight() {
        clock_.advance(std::chrono::milliseconds(1 + pick(1000)));
        const auto entry = make_entry("device9", spool_->free_time("device9", clock_.now()),
                                      1 + static_cast<int>(pick(12)));
        REQUIRE(spool_->append(entry).value() == Durability::committed);
        model_.append(entry);
    }

    void deliver() {
        const DocumentRef after = last_ && pick(3) == 0 ? *last_ : DocumentRef{};
        const auto batch = spool_->next_batch({1 + pick(80), 500 + pick(20'000)}, after);
        REQUIRE(batch);
        for (unsigned i = pick(3) == 0 ? pick(60) : 0; i > 0; --i) {
            append_in_flight();
        }
        std::vector<Settlement> settlements;
        for (const auto& document : batch->documents) {
            last_ = document.ref;
            if (pick(2) == 0) {
                const auto outcome = static_cast<Outcome>(pick(4));
                settlements.push_back({document.ref, outcome, 400 + static_cast<int>(pick(3)),
                                       fmt::format("type{}", pick(3)), "because"});
            }
        }
        if (pick(4) == 0 && !settlements.empty()) {
            settlements.push_back(settlements[pick(static_cast<unsigned>(settlements.size()))]);
        }
        REQUIRE(spool_->settle(settlements));
        model_.settle(settlements);
        model_.compare_drops(*spool_);
    }

    void retry() {
        model_.compare(*spool_);  // which rejects are still kept
        RejectFilter filter;
        if (pick(2) == 0) {
            filter.status = 400 + static_cast<int>(pick(3));
        }
        if (pick(2) == 0) {
            filter.type = fmt::format("type{}", pick(3));
        }
        REQUIRE(spool_->retry_rejects(filter));
        model_.retry(filter);
    }

    /// The process dies here and now: what it had told the system to write is all there is.
    void crash() {
        auto next = std::make_unique<MemoryDir>();
        for (const auto* name : {"spool.db", "spool.db-wal"}) {
            std::error_code missing;
            fs::copy_file(dir_->path() / name, next->path() / name, missing);
        }
        spool_.reset();
        dir_ = std::move(next);
        spool_ = open_spool(dir_->path(), clock_, options_);
    }

    std::mt19937 random_;
    HandClock clock_;
    SpoolOptions options_;
    std::unique_ptr<MemoryDir> dir_ = std::make_unique<MemoryDir>();
    std::unique_ptr<Spool> spool_;
    SpoolModel model_;
    std::optional<DocumentRef> last_;
};

}  // namespace

TEST_CASE("a spool does what a map would do, through crashes and a full file", "[spool]") {
    spdlog::set_level(spdlog::level::off);
    std::random_device device;
    for (int round = 0; round < 40 * effort(); ++round) {
        const unsigned seed = device();
        INFO("seed " << seed);
        History(seed).go(round % 4 == 0 ? 600 : 120);
    }
    spdlog::set_level(spdlog::level::info);
}
