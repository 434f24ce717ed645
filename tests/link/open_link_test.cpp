// SPDX-License-Identifier: MIT
// How open_link() tells the kinds of line apart, and what it answers when there is none.
#include <catch2/catch.hpp>
#include <filesystem>

#include "link/link.h"
#include "link/port_kind.h"
#include "support/temp_dir.h"
#include "trials.h"

using namespace pwlog;
using namespace pwlog::test;
using Catch::Contains;
using Kind = PortOptions::Kind;

TEST_CASE("a name that does not exist is not found, with a hint where to look", "[link]") {
    const TempDir dir;
    const auto absent = (dir.path() / "ttyUSB7").string();
    const auto link = open_link({.name = absent});
    REQUIRE_FALSE(link);
    CHECK(kind_of_failure(link) == ErrorKind::not_found);
    CHECK_THAT(link.error().message, Contains(absent));
    CHECK_THAT(link.error().message, Contains("pwlog discover"));
}

TEST_CASE("a link to an unplugged device is not found", "[link]") {
    const TempDir dir;
    const auto name = dir.path() / "usb-pdu";
    std::filesystem::create_symlink("/dev/pts/nothing-here", name);
    CHECK(kind_of_failure(open_link({.name = name.string()})) == ErrorKind::not_found);
}

TEST_CASE("a name that is a file or a folder is refused in words", "[link]") {
    const TempDir dir;
    const auto file = dir.write("notes.txt", "no port").string();
    const auto refused = open_link({.name = file});
    REQUIRE_FALSE(refused);
    CHECK(kind_of_failure(refused) == ErrorKind::invalid);
    CHECK_THAT(refused.error().message, Contains(file + " is a file"));
    CHECK_THAT(open_link({.name = dir.path().string()}).error().message, Contains("a directory"));
}

TEST_CASE("a device that is no terminal is refused in words", "[link]") {
    const auto refused = open_link({.name = "/dev/null"});
    REQUIRE_FALSE(refused);
    CHECK(kind_of_failure(refused) == ErrorKind::invalid);
    CHECK_THAT(refused.error().message, Contains("/dev/null is not a serial port"));
}

TEST_CASE("a PTY is a descriptor, by its own name and by a link's", "[link]") {
    const TempDir dir;
    const Pty pty;
    CHECK(kind_of_port(pty.slave_path(), pty.slave_path()).value() == Kind::descriptor);
    const auto name = (dir.path() / "pdu").string();
    pty.link_as(name);
    const auto link = open_or_fail(name);
    pty.write("(");
    CHECK(read_bytes(*link, 1) == "(");
}

TEST_CASE("a terminal that the kernel lists is a serial port", "[link]") {
    const std::string path = "/dev/ttyS0";
    if (!std::filesystem::exists(path) || !std::filesystem::exists("/sys/class/tty/ttyS0")) {
        WARN("skipped: this machine has no /dev/ttyS0");
        return;
    }
    CHECK(kind_of_port(path, path).value() == Kind::serial);
}

TEST_CASE("a hidraw node is told by its subsystem", "[link]") {
    const auto known = std::filesystem::path("/sys/class/hidraw");
    if (!std::filesystem::exists(known) || std::filesystem::is_empty(known)) {
        WARN("skipped: this machine has no hidraw node");
        return;
    }
    const auto name = std::filesystem::directory_iterator(known)->path().filename();
    const auto path = ("/dev" / name).string();
    CHECK(kind_of_port(path, path).value() == Kind::hidraw);
}

TEST_CASE("a configured kind is not second-guessed", "[link]") {
    const Pty pty;  // libserialport does not take a PTY
    const auto link = open_link({.name = pty.slave_path(), .kind = Kind::serial});
    REQUIRE_FALSE(link);
    CHECK(kind_of_failure(link) == ErrorKind::invalid);
    CHECK_THAT(link.error().message, Contains("not a serial port"));
}
