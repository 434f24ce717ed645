// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>
#include <sstream>

#include "base/unique_fd.h"
#include "memory_dir.h"
#include "spool_support.h"
#include "support/run_program.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

/// What a writer said before it ended.
struct Testimony {
    std::set<std::int64_t> committed;
    std::set<std::int64_t> in_memory;
    std::int64_t settled = 0;
    std::int64_t unwritten = -1;
};

Testimony read_testimony(const std::string& text) {
    Testimony testimony;
    std::istringstream lines(text.substr(0, text.rfind('\n') + 1));
    char what = 0;
    for (std::int64_t number = 0; lines >> what >> number;) {
        if (what == 'c') {
            testimony.committed.insert(number);
        } else if (what == 'm') {
            testimony.in_memory.insert(number);
        } else if (what == 's') {
            testimony.settled += number;
        } else {
            testimony.unwritten = number;
        }
    }
    return testimony;
}

/// Starts a writer and kills it, not gently, once it has said `lines` lines.
Testimony run_and_kill(const std::filesystem::path& directory, std::int64_t first, int lines) {
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    const std::string time = std::to_string(first);
    const pid_t child = fork();
    if (child == 0) {
        dup2(write_end.get(), STDOUT_FILENO);
        // Of another architecture, as this test then is: the kernel may not know who runs it.
        if (const char* emulator = std::getenv("PWLOG_EMULATOR"); emulator && *emulator) {
            execl(emulator, emulator, PWLOG_SPOOL_WRITER, directory.c_str(), time.c_str(),
                  "1000000", nullptr);
        }
        execl(PWLOG_SPOOL_WRITER, "spool_writer", directory.c_str(), time.c_str(), "1000000",
              nullptr);
        _exit(127);
    }
    write_end.reset();
    std::string said;
    bool killed = false;
    for (std::array<char, 256> piece{};;) {
        const auto count = read(read_end.get(), piece.data(), piece.size());
        if (count <= 0) {
            break;
        }
        said.append(piece.data(), static_cast<std::size_t>(count));
        if (!killed && std::count(said.begin(), said.end(), '\n') >= lines) {
            killed = kill(child, SIGKILL) == 0;
        }
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    return read_testimony(said);
}

SpoolOptions keep_for_ever() {
    SpoolOptions options;
    options.keep = std::chrono::hours(24 * 365 * 100);
    return options;
}

/// The times of all entries, each whole.
std::set<std::int64_t> times_of_whole_entries(Spool& spool) {
    std::set<std::int64_t> times;
    CHECK(spool.export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
        CHECK(entry.documents.size() == 3);
        for (const auto& [id, index, json] : entry.documents) {
            CHECK(json == json_of(id));
        }
        CHECK(times.insert(entry.time.time_since_epoch().count()).second);
        return true;
    }));
    return times;
}

}  // namespace

TEST_CASE("kill -9 costs nothing that was committed", "[spool]") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const MemoryDir dir;
    const HandClock clock;
    std::set<std::int64_t> committed;
    std::int64_t settled = 0;
    std::size_t unsaid = 0;
    for (int round = 0; round < 15 * effort(); ++round) {
        const auto testimony =
            run_and_kill(dir.path(), 1'000'000 * (round + 1), 1 + static_cast<int>(random() % 300));
        committed.insert(testimony.committed.begin(), testimony.committed.end());
        settled += testimony.settled;
        auto spool = open_spool(dir.path(), clock, keep_for_ever());
        const auto there = times_of_whole_entries(*spool);
        CHECK(std::includes(there.begin(), there.end(), committed.begin(), committed.end()));
        // Per round one entry may be committed and one batch settled without time to say so.
        unsaid = there.size() - committed.size();
        CHECK(unsaid <= static_cast<std::size_t>(round) + 1);
        CHECK(spool->info().stored >= settled);
        CHECK(spool->info().stored <= settled + 20 * (round + 1));
        // A commit cut short in the middle of a page looks like one that was damaged.
        CHECK(spool->info().dropped <= 3 * (round + 1));
        check_identity(*spool);
        settled = spool->info().stored;
    }
    CHECK(committed.size() > 100);
}

TEST_CASE("errors of the operating system are seen, and what they hit is written again",
          "[spool]") {
    const std::string strace = "/usr/bin/strace";
    if (!std::filesystem::exists(strace) ||
        run_program({strace, "-f", "-o", "/dev/null", "-e", "inject=fdatasync:error=EIO:when=9999",
                     "/bin/true"})
                .status != 0) {
        WARN("errors of the operating system are not tried: strace is not here or may not trace");
        return;
    }
    const HandClock clock;
    const std::string fault =
        GENERATE("fdatasync:error=EIO", "pwrite64:error=ENOSPC", "pwrite64:error=EIO",
                 "fdatasync:error=ENOSPC", "pwrite64:retval=100", "ftruncate:error=EIO");
    for (int when = 1; when <= 50; when += effort() > 1 ? 1 : 7) {
        INFO(fault << ", the " << when << "th time");
        const MemoryDir dir;
        // AddressSanitizer cannot look for leaks in what is traced, and ends it with status 1.
        const auto run =
            run_program({strace, "-f", "-o", "/dev/null", "-E", "ASAN_OPTIONS=detect_leaks=0", "-e",
                         fmt::format("inject={}:when={}", fault, when), PWLOG_SPOOL_WRITER,
                         dir.path().string(), "1000", "30"});
        const auto testimony = read_testimony(run.out);
        if (run.status == 1) {
            // It hit the making of the spool: said, and nothing was acknowledged.
            CHECK(testimony.committed.empty());
            CHECK_FALSE(run.err.empty());
            continue;
        }
        CHECK(run.status == 0);
        CHECK(testimony.committed.size() + testimony.in_memory.size() == 30);
        CHECK(testimony.unwritten == 0);
        auto spool = open_spool(dir.path(), clock, keep_for_ever());
        // A write that lies about its length can spoil any page of the file. What waits is copied
        // out of such a file, what was delivered is not.
        const bool lied = fault.find("retval") != std::string::npos;
        CHECK((times_of_whole_entries(*spool).size() == 30 ||
               (lied && spool->info().pending_documents == 0)));
        CHECK(spool->info().read == 90);
        CHECK(spool->info().stored >= testimony.settled);
        CHECK(spool->info().dropped == 0);
        check_identity(*spool);
    }
}
