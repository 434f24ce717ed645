// SPDX-License-Identifier: MIT
#include "operations.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace pwlog::test {

using namespace std::chrono_literals;
using system_calls::Call;
using system_calls::Fault;

namespace {

void nothing(Stage&) {}
void open(Stage& stage) { stage.open(); }

/// A spool of some hours: delivered, refused and waiting entries, some flushed and some not.
void fill(Stage& stage) {
    stage.open();
    stage.append_many(24);
    stage.settle(20, Outcome::stored);
    stage.settle(4, Outcome::rejected);
    stage.flush();
    stage.append_many(8);
    stage.settle(5, Outcome::duplicate);
    stage.append_many(4);
}

void fill_and_close(Stage& stage) {
    fill(stage);
    stage.close();
}

/// Larger than the pages that are kept in memory, so that reading reads.
void fill_much(Stage& stage) {
    fill(stage);
    for (int i = 0; i < 400; ++i) {
        stage.append("pdu", 4);
    }
    stage.settle(100, Outcome::rejected);
    stage.settle(500, Outcome::stored);
    stage.flush();
}

/// Its log is as long as one may get.
void fill_log(Stage& stage) {
    fill(stage);
    stage.append_many(200);
}

void fill_to_the_cap(Stage& stage) {
    stage.open();
    stage.append_many(100);
    stage.settle(240, Outcome::stored);
    stage.append_many(150);
    stage.flush();
}

void flip(const std::filesystem::path& file, long from, long until) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    for (long at = from; at < until; at += 97) {
        stream.seekg(at);
        const int byte = stream.get();
        stream.seekp(at);
        stream.put(static_cast<char>(byte ^ 0x10));
    }
}

void fill_and_damage_head(Stage& stage) {
    fill_and_close(stage);
    flip(stage.folder / "spool.db", 0, 200);
}

void fill_and_damage_pages(Stage& stage) {
    fill_and_close(stage);
    flip(stage.folder / "spool.db", 11 * 1024, 16 * 1024);
}

void fill_and_damage_log(Stage& stage) {
    fill(stage);
    stage.die();
    const auto log = stage.folder / "spool.db-wal";
    const auto size = static_cast<long>(std::filesystem::file_size(log));
    flip(log, size / 2, size / 2 + 10);
}

/// Recovery met a disk that could not rename, and the process died.
void damage_and_recover_half(Stage& stage) {
    fill_and_damage_head(stage);
    system_calls::watch(stage.folder);
    system_calls::arm({Call::rename, Fault::io_error, 2, true});
    stage.open();
    stage.die();
    system_calls::disarm();
}

void open_with_memory_filled(Stage& stage) {
    stage.open();
    system_calls::arm({Call::write, Fault::io_error, 1, true});
    stage.append_many(3);
    system_calls::disarm();
    stage.clock.advance(1min);
}

void append_three(Stage& stage) { stage.append_many(3); }

void live(Stage& stage) {
    stage.open();
    stage.append_many(6);
    stage.settle(7, Outcome::stored);
    stage.settle(2, Outcome::rejected);
    stage.flush();
    stage.tick();
    stage.append_many(2);
    stage.retry_rejects();
    stage.read_batches();
    stage.close();
}

}  // namespace

const std::vector<Operation>& operations() {
    static const auto sync_each = [](SpoolOptions& options) { options.sync_each_sample = true; };
    static const auto small = [](SpoolOptions& options) { options.max_bytes = 256U << 10U; };
    static const std::vector<Operation> all = [] {
        std::vector<Operation> list = {
            {"open-new", nothing, nothing,
             [](Stage& stage) {
                 stage.open();
                 stage.append();
             }},
            {"open-old", fill, nothing, open},
            {"open-closed", fill_and_close, nothing, open},
            {"append", fill, open, append_three},
            {"append-synced", fill, open, append_three, sync_each},
            {"append-long-log", fill_log, open, append_three},
            {"append-full", fill_to_the_cap, open, [](Stage& stage) { stage.append_many(40); },
             small, false, true},
            {"flush", fill,
             [](Stage& stage) {
                 stage.open();
                 stage.append_many(3);
             },
             [](Stage& stage) { stage.flush(); }},
            {"flush-long-log", fill_log,
             [](Stage& stage) {
                 stage.open();
                 stage.append_many(1);
             },
             [](Stage& stage) {
                 stage.flush();
                 stage.append_many(1);
             }},
            {"tick", fill, open_with_memory_filled,
             [](Stage& stage) {
                 stage.tick();
                 stage.tick(1min);
             }},
            {"batch", fill_much, open, [](Stage& stage) { stage.read_batches(); }},
            {"acknowledge", fill, open, [](Stage& stage) { stage.settle(9, Outcome::stored); }},
            {"duplicate", fill, open, [](Stage& stage) { stage.settle(9, Outcome::duplicate); }},
            {"reject", fill, open, [](Stage& stage) { stage.settle(9, Outcome::rejected); }},
            {"rejects", fill_much, open, [](Stage& stage) { stage.read_rejects(); }},
            {"retry", fill, open, [](Stage& stage) { stage.retry_rejects(); }},
            {"prune", fill, open,
             [](Stage& stage) {
                 stage.outgrow();
                 stage.append_many(33);
                 stage.flush();
             }},
            {"export", fill_much, open, [](Stage& stage) { stage.read_archive(); }},
            {"state", fill_much, open, [](Stage& stage) { stage.read_state(); }},
            {"recover-head", fill_and_damage_head, nothing, open, [](SpoolOptions&) {}, true},
            {"recover-pages", fill_and_damage_pages, nothing,
             [](Stage& stage) {
                 stage.open();
                 stage.read_batches();
                 stage.tick();
             },
             [](SpoolOptions&) {}, true},
            {"recover-log", fill_and_damage_log, nothing, open, [](SpoolOptions&) {}, true},
            {"recover-again", damage_and_recover_half, nothing, open, [](SpoolOptions&) {}, true},
            {"close", fill,
             [](Stage& stage) {
                 stage.open();
                 stage.append_many(3);
             },
             [](Stage& stage) { stage.close(); }},
            {"life", nothing, nothing, live},
        };
        for (auto& operation : list) {
            constexpr std::array<std::string_view, 4> names = {"open-old", "open-closed", "batch",
                                                               "state"};
            operation.reads_only =
                std::find(names.begin(), names.end(), operation.name) != names.end();
        }
        for (auto& operation : file_operations()) {
            list.push_back(std::move(operation));
        }
        return list;
    }();
    return all;
}

}  // namespace pwlog::test
