// SPDX-License-Identifier: MIT
#include "spool/spool_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <random>

#include "spool_support.h"
#include "support/temp_dir.h"
#include "support/text.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::string noise(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::string bytes(size, '\0');
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
    return bytes;
}

/// The content of every file that was moved aside.
std::vector<std::string> moved_aside(const fs::path& directory) {
    std::vector<std::string> found;
    for (const auto& item : fs::directory_iterator(directory)) {
        if (item.path().filename().string().starts_with("spool.db.corrupt-")) {
            found.push_back(content(item.path()));
        }
    }
    return found;
}

void make_spool_with(const fs::path& directory, const HandClock& clock, int entries) {
    auto spool = open_spool(directory, clock);
    for (int i = 0; i < entries; ++i) {
        REQUIRE(spool->append(make_entry("pdu", clock.now() + i * 10s)));
    }
}

/// It opens, keeps what stood there under another name, and works.
void check_quarantined(const fs::path& directory, const HandClock& clock,
                       const std::string& bytes) {
    auto spool = open_spool(directory, clock);
    const auto kept = moved_aside(directory);
    CHECK(std::find(kept.begin(), kept.end(), bytes) != kept.end());
    CHECK(spool->append(make_entry("fresh", clock.now())).value() == Durability::committed);
    check_identity(*spool);
}

/// It does not open, and says why.
Error refusal(const fs::path& directory, const Clock& clock) {
    SpoolOptions options;
    options.directory = directory;
    options.max_bytes = 1U << 20U;
    const auto spool = Spool::open(options, clock);
    REQUIRE_FALSE(spool);
    return spool.error();
}

}  // namespace

TEST_CASE("rubbish in the spool's place is moved aside, never overwritten", "[spool]") {
    const TempDir dir;
    HandClock clock;
    std::string bytes;
    SECTION("random bytes") { bytes = noise(50'000, 1); }
    SECTION("an empty file") { bytes = ""; }
    SECTION("nothing but NUL") { bytes = std::string(4096, '\0'); }
    SECTION("another program's database") {
        sqlite3* other = nullptr;
        REQUIRE(sqlite3_open((dir.path() / "spool.db").c_str(), &other) == SQLITE_OK);
        REQUIRE(sqlite3_exec(other, "CREATE TABLE t(a); INSERT INTO t VALUES(1)", nullptr, nullptr,
                             nullptr) == SQLITE_OK);
        sqlite3_close(other);
        bytes = content(dir.path() / "spool.db");
    }
    dir.write("spool.db", bytes);
    check_quarantined(dir.path(), clock, bytes);
}

TEST_CASE("a spool with a tail of NULs keeps what it had", "[spool]") {
    const TempDir dir;
    HandClock clock;
    make_spool_with(dir.path(), clock, 20);
    std::ofstream(dir.path() / "spool.db", std::ios::app | std::ios::binary)
        << std::string(10'000, '\0');
    auto spool = open_spool(dir.path(), clock);
    CHECK(all_pending(*spool).size() == 60);
    CHECK(spool->info().dropped == 0);
    CHECK(spool->append(make_entry("fresh", clock.now())));
    check_identity(*spool);
}

TEST_CASE("a log that has lost its file is not thrown away", "[spool]") {
    const TempDir dir;
    const TempDir copy;
    HandClock clock;
    auto spool = open_spool(dir.path(), clock);
    CHECK(spool->append(make_entry("pdu", clock.now())));
    fs::copy(dir.path() / "spool.db-wal", copy.path() / "spool.db-wal");
    const std::string log = content(copy.path() / "spool.db-wal");
    REQUIRE_FALSE(log.empty());
    SECTION("it is gone") {}
    SECTION("it is empty") { copy.write("spool.db", ""); }
    check_quarantined(copy.path(), clock, log);
    auto rescued = open_spool(copy.path(), clock);
    const auto documents = all_pending(*rescued);
    REQUIRE(documents.size() == 6);
    CHECK(documents[0].json == json_of(id_of("pdu", clock.now(), 0)));
    CHECK(rescued->info().salvaged_documents == 3);
}

TEST_CASE("a spool of a newer version is refused and left as it is", "[spool]") {
    const TempDir dir;
    HandClock clock;
    make_spool_with(dir.path(), clock, 3);
    const auto version = GENERATE(2, 4, 99);
    sqlite3* shell = nullptr;
    REQUIRE(sqlite3_open((dir.path() / "spool.db").c_str(), &shell) == SQLITE_OK);
    REQUIRE(sqlite3_exec(shell, fmt::format("PRAGMA user_version={}", version).c_str(), nullptr,
                         nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(shell);
    const std::string before = content(dir.path() / "spool.db");
    const auto error = refusal(dir.path(), clock);
    CHECK(error.kind == ErrorKind::invalid);
    CHECK_THAT(error.message, Catch::Contains("newer"));
    CHECK(content(dir.path() / "spool.db") == before);
    CHECK(moved_aside(dir.path()).empty());
}

TEST_CASE("what is no plain file is refused, and what it leads to left alone", "[spool]") {
    const TempDir dir;
    const TempDir elsewhere;
    HandClock clock;
    const auto target = elsewhere.write("precious", "not to be touched");
    const std::string name = GENERATE("spool.db", "spool.db-wal", "spool.lock", "spool.ballast");
    const fs::path place = dir.path() / name;
    SECTION("a symbolic link") { fs::create_symlink(target, place); }
    SECTION("a symbolic link to nothing") { fs::create_symlink(target.string() + "-2", place); }
    SECTION("a second name of a file") { fs::create_hard_link(target, place); }
    SECTION("a folder") { fs::create_directory(place); }
    SECTION("a pipe") { REQUIRE(mkfifo(place.c_str(), 0600) == 0); }
    const auto error = refusal(dir.path(), clock);
    CHECK((error.kind == ErrorKind::invalid || error.kind == ErrorKind::denied));
    CHECK_THAT(error.message, Catch::Contains(name));
    CHECK(content(target) == "not to be touched");
    CHECK_FALSE(fs::exists(target.string() + "-2"));
}

TEST_CASE("the folder must be ours alone, its files are", "[spool]") {
    const TempDir dir;
    HandClock clock;
    const fs::path path = dir.path() / "deep" / "spool";
    { auto made = open_spool(path, clock); }
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0700);
    {
        auto spool = open_spool(path, clock);
        for (const auto* name : {"spool.db", "spool.db-wal", "spool.lock", "spool.ballast"}) {
            INFO(name);
            REQUIRE(stat((path / name).c_str(), &status) == 0);
            CHECK((status.st_mode & 07777U) == 0600);
        }
        // Nobody else is ever let in, so there is nothing to share.
        CHECK_FALSE(fs::exists(path / "spool.db-shm"));
    }
    for (const unsigned mode : {0750U, 0701U, 0777U}) {
        fs::permissions(path, static_cast<fs::perms>(mode));
        const auto error = refusal(path, clock);
        CHECK(error.kind == ErrorKind::denied);
        CHECK_THAT(error.message, Catch::Contains("chmod 700"));
    }
    fs::permissions(path, fs::perms::owner_all);
    // A link to the folder is the administrator's business.
    fs::create_symlink(path, dir.path() / "link");
    { auto through_link = open_spool(dir.path() / "link", clock); }
    if (geteuid() != 0) {
        WARN("the folder of another user is not tried: that needs root");
        return;
    }
    REQUIRE(chown(path.c_str(), 12345, 12345) == 0);
    const auto error = refusal(path, clock);
    CHECK(error.kind == ErrorKind::denied);
    CHECK_THAT(error.message, Catch::Contains("12345"));
}

TEST_CASE("a folder that cannot be made or is a file is an error that names it", "[spool]") {
    const TempDir dir;
    HandClock clock;
    const auto file = dir.write("file", "text");
    CHECK_THAT(refusal(file, clock).message, Catch::Contains(file.string()));
    CHECK_THAT(refusal(file / "spool", clock).message, Catch::Contains((file / "spool").string()));
}

TEST_CASE("a second opener is refused and told who has the spool", "[spool]") {
    const TempDir dir;
    HandClock clock;
    auto first = open_spool(dir.path(), clock);
    for (int i = 0; i < 20; ++i) {
        const auto error = refusal(dir.path(), clock);
        CHECK(error.kind == ErrorKind::busy);
        CHECK_THAT(error.message, Catch::Contains(fmt::format("process {}", getpid())));
        CHECK_THAT(error.message,
                   Catch::Contains("pwlog status") && Catch::Contains("systemctl stop pwlog"));
        CHECK(first->append(make_entry("pdu", clock.now() + i * 1s)).value() ==
              Durability::committed);
    }
    const pid_t child = fork();
    if (child == 0) {
        SpoolOptions options;
        options.directory = dir.path();
        const auto second = Spool::open(options, clock);
        const bool told =
            !second && second.error().kind == ErrorKind::busy &&
            second.error().message.find(std::to_string(getppid())) != std::string::npos;
        _exit(told ? 0 : 1);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(all_pending(*first).size() == 60);
    first.reset();
    CHECK(all_pending(*open_spool(dir.path(), clock)).size() == 60);
}

TEST_CASE("the file itself being in use is told too", "[spool]") {
    const TempDir dir;
    HandClock clock;
    make_spool_with(dir.path(), clock, 3);
    sqlite3* shell = nullptr;
    REQUIRE(sqlite3_open((dir.path() / "spool.db").c_str(), &shell) == SQLITE_OK);
    REQUIRE(sqlite3_exec(shell, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    CHECK(refusal(dir.path(), clock).kind == ErrorKind::busy);
    sqlite3_close(shell);
    CHECK(all_pending(*open_spool(dir.path(), clock)).size() == 9);
}

TEST_CASE("an exchange of a damaged spool that was cut short is brought to its end", "[spool]") {
    const TempDir dir;
    HandClock clock;
    // Twelve documents in the file, three in its log.
    make_spool_with(dir.path(), clock, 4);
    const TempDir copy;
    {
        auto spool = open_spool(dir.path(), clock);
        REQUIRE(spool->append(make_entry("ats", clock.now())));
        fs::copy(dir.path() / "spool.db", copy.path() / "spool.db");
        fs::copy(dir.path() / "spool.db-wal", copy.path() / "spool.db-wal");
    }
    const auto aside = copy.path() / "spool.db.rescue-20261122T170405Z";
    fs::rename(copy.path() / "spool.db", aside);
    SECTION("between its two files") {}
    SECTION("before there was a fresh one") {
        fs::rename(copy.path() / "spool.db-wal", aside.string() + "-wal");
    }
    SECTION("while that was made") {
        fs::rename(copy.path() / "spool.db-wal", aside.string() + "-wal");
        copy.write("spool.db.new", "half of it");
    }
    auto spool = open_spool(copy.path(), clock);
    CHECK(all_pending(*spool).size() == 15);
    CHECK(spool->info().read == 15);
    CHECK(spool->info().dropped == 0);
    CHECK_FALSE(fs::exists(copy.path() / "spool.db.new"));
    CHECK_FALSE(fs::exists(aside));
    CHECK(moved_aside(copy.path()).size() == 2);
    check_identity(*spool);
}

TEST_CASE("damaged spools do not fill the disk: the newest few are kept", "[spool]") {
    const TempDir dir;
    HandClock clock;
    for (int i = 0; i < 12; ++i) {
        dir.write("spool.db", fmt::format("rubbish {}", i));
        { auto spool = open_spool(dir.path(), clock); }
        clock.advance(1h);
    }
    const auto kept = moved_aside(dir.path());
    CHECK(kept.size() == 3);
    CHECK(std::find(kept.begin(), kept.end(), "rubbish 11") != kept.end());
    CHECK(std::find(kept.begin(), kept.end(), "rubbish 0") == kept.end());
}
