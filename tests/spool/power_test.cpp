// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "fault_disk.h"
#include "memory_dir.h"
#include "spool_support.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

/// What the other side has when the power goes.
struct Witness {
    std::vector<Timestamp> committed;  ///< acknowledged, in order
    std::size_t flushed = 0;           ///< so many of them were followed by a flush
    std::set<std::string> delivered;   ///< settled as stored
};

/// Samples, ships and flushes until `operations` writes and flushes have been made, then cuts the
/// power.
Witness work_until(FaultDisk& disk, int operations, const std::filesystem::path& directory,
                   const std::filesystem::path& remains, bool sync_each_sample,
                   std::mt19937& random) {
    HandClock clock;
    Witness witness;
    Witness at_cut;
    bool cut = false;
    SpoolOptions options;
    options.flush_interval = 60s;
    options.sync_each_sample = sync_each_sample;
    auto spool = open_spool(directory, clock, options);
    const int start = disk.operations();
    disk.before_operation = [&](int number) {
        if (!cut && number - start >= operations) {
            cut = true;
            at_cut = witness;
            disk.cut_power(remains, random);
        }
    };
    while (!cut) {
        const auto time = clock.now();
        const auto appended = spool->append(make_entry("pdu", time, 9));
        if (appended && *appended == Durability::committed) {
            witness.committed.push_back(time);
        }
        clock.advance(10s);
        if (random() % 3 == 0) {
            const auto batch = spool->next_batch({30, 1U << 20U});
            settle_all(*spool, batch->documents, Outcome::stored);
            for (const auto& document : batch->documents) {
                witness.delivered.insert(document.id);
            }
        }
        if (random() % 8 == 0) {
            const std::size_t before = witness.committed.size();
            CHECK(spool->flush());
            witness.flushed = before;
        }
        spool->tick();
        witness.flushed = sync_each_sample ? witness.committed.size() : witness.flushed;
    }
    disk.before_operation = nullptr;
    return at_cut;
}

void check_remains(const std::filesystem::path& remains, const Witness& witness) {
    const HandClock clock;
    auto spool = open_spool(remains, clock);
    std::set<std::string> there;
    CHECK(spool->export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
        for (std::size_t i = 0; i < entry.documents.size(); ++i) {
            const auto& [id, index, json] = entry.documents[i];
            CHECK(id == id_of(entry.stream, entry.time, static_cast<int>(i)));
            CHECK(json == json_of(id));
            CHECK(there.insert(id).second);
        }
        return true;
    }));
    std::set<std::string> waiting;
    for (const auto& document : all_pending(*spool)) {
        waiting.insert(document.id);
    }
    for (std::size_t i = 0; i < witness.committed.size(); ++i) {
        const std::string id = id_of("pdu", witness.committed[i], 0);
        if (i < witness.flushed) {
            CHECK(there.contains(id));
        }
        // What was not delivered still waits, if it is there.
        if (there.contains(id) && !witness.delivered.contains(id)) {
            CHECK(waiting.contains(id));
        }
    }
    CHECK(spool->append(make_entry("fresh", clock.now())).value() == Durability::committed);
    check_identity(*spool);
}

}  // namespace

TEST_CASE("a power cut costs nothing that was flushed, whenever it comes", "[spool]") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const bool sync_each_sample = GENERATE(false, true);
    for (int round = 0; round < 60 * effort(); ++round) {
        const int operations = static_cast<int>(random() % 3000);
        INFO("round " << round << ", cut after " << operations << " operations");
        const MemoryDir directory;
        const MemoryDir remains;
        FaultDisk disk;
        const auto witness = work_until(disk, operations, directory.path(), remains.path(),
                                        sync_each_sample, random);
        check_remains(remains.path(), witness);
    }
}
