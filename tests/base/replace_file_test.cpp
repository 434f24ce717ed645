// SPDX-License-Identifier: MIT
#include "base/replace_file.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>

#include "support/temp_dir.h"
#include "support/text.h"

using namespace pwlog;
using test::content;
using test::TempDir;
namespace fs = std::filesystem;

TEST_CASE("a file is replaced whole, with its mode", "[base]") {
    const TempDir dir;
    const auto file = dir.write("state", "old and longer");
    REQUIRE(FileWriting().replace(file, "new"));
    CHECK(content(file) == "new");
    CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK_FALSE(fs::exists(file.string() + ".new"));
}

TEST_CASE("what stands where the new file is made goes, and what it points to stays", "[base]") {
    const TempDir dir;
    const auto precious = dir.write("precious", "not to be touched");
    const auto file = dir.path() / "state";
    const auto fresh = file.string() + ".new";
    SECTION("a link") { fs::create_symlink(precious, fresh); }
    SECTION("a link to nothing") { fs::create_symlink(precious.string() + "-2", fresh); }
    SECTION("a second name") { fs::create_hard_link(precious, fresh); }
    SECTION("half a file") { dir.write("state.new", "half"); }
    REQUIRE(FileWriting().replace(file, "new"));
    CHECK(content(file) == "new");
    CHECK(fs::is_regular_file(fs::symlink_status(file)));
    CHECK(content(precious) == "not to be touched");
    CHECK_FALSE(fs::exists(precious.string() + "-2"));
}

TEST_CASE("a file that cannot be replaced is as it was, and why is told", "[base]") {
    const TempDir dir;
    const auto folder = dir.path() / "state";
    fs::create_directories(folder / "full");
    CHECK_FALSE(FileWriting().replace(folder, "new"));
    CHECK(errno == EISDIR);
    CHECK_FALSE(fs::exists(folder.string() + ".new"));
    fs::create_directories(folder / "taken.new" / "full");
    CHECK_FALSE(FileWriting().replace(folder / "taken", "new"));
    CHECK_FALSE(FileWriting().replace(dir.path() / "absent" / "state", "new"));
    CHECK(errno == ENOENT);
}
