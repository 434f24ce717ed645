// SPDX-License-Identifier: MIT
// Trap 8 (locks) of a serial device, refusals that help, and that nothing started inherits the
// port.
#include "link/port_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <string>

#include "support/temp_dir.h"
#include "trials.h"

using namespace pwlog;
using namespace pwlog::test;
using Catch::Contains;

namespace {

/// Another program's way in, without a lock.
UniqueFd plain_open(const std::string& path) {
    return UniqueFd(open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
}

std::string refusal(const Result<std::unique_ptr<Link>>& link, ErrorKind kind) {
    REQUIRE_FALSE(link);
    CHECK(link.error().kind == kind);
    return link.error().message;
}

}  // namespace

TEST_CASE("a second opener is refused, and told who has the port", "[link]") {
    const Pty pty;
    const auto name = pty.slave_path();
    Result<std::unique_ptr<Link>> held = nullptr;
    Child holder([&] {
        held = open_link({.name = name});
        return std::string(held ? "held" : "not held");
    });
    REQUIRE(holder.said() == "held");
    const auto words = refusal(open_link({.name = name}), ErrorKind::busy);
    CHECK_THAT(words, Contains(name));
    CHECK_THAT(words, Contains(fmt::format("pid {} (link_test)", holder.pid())));

    holder.kill();  // kill -9: the lock goes with the process
    CHECK(open_link({.name = name}));
}

TEST_CASE("two devices configured on one port are told so", "[link]") {
    const TempDir dir;
    const Pty pty;
    const auto other_name = (dir.path() / "by-id").string();
    pty.link_as(other_name);
    const auto first = open_or_fail(pty.slave_path());
    const auto words = refusal(open_link({.name = other_name}), ErrorKind::busy);
    CHECK_THAT(words, Contains("this program itself"));
    CHECK_THAT(words, Contains(other_name + " (" + pty.slave_path() + ")"));
}

TEST_CASE("a closed link frees the port", "[link]") {
    const Pty pty;
    open_or_fail(pty.slave_path()).reset();
    CHECK(open_link({.name = pty.slave_path()}));
}

TEST_CASE("a refused opener has not touched the settings of the line", "[link]") {
    const Pty pty;
    const auto other = plain_open(pty.slave_path());
    REQUIRE(flock(other.get(), LOCK_EX | LOCK_NB) == 0);
    termios before{};
    REQUIRE(tcgetattr(other.get(), &before) == 0);
    refusal(open_link({.name = pty.slave_path()}), ErrorKind::busy);
    termios after{};
    REQUIRE(tcgetattr(other.get(), &after) == 0);
    CHECK(after.c_lflag == before.c_lflag);
    CHECK(after.c_iflag == before.c_iflag);
}

TEST_CASE("a claimed terminal refuses a plain open by anyone but root", "[link]") {
    const Pty pty;
    const auto name = pty.slave_path();
    REQUIRE(chmod(name.c_str(), 0666) == 0);
    const auto mine = plain_open(name);
    REQUIRE(claim_terminal(mine.get(), name));
    const Child stranger([&] {
        become_nobody_if_root();
        const std::string plain = plain_open(name) ? "opened" : std::strerror(errno);
        return plain + ", " + try_open(name);
    });
    CHECK_THAT(stranger.said(), Catch::StartsWith("Device or resource busy, busy: " + name));
}

TEST_CASE("a port claimed by a program that knows no lock is busy, for root as well", "[link]") {
    const Pty pty;
    const auto name = pty.slave_path();
    UniqueFd terminal;
    const Child holder([&] {
        terminal = plain_open(name);
        return std::string(ioctl(terminal.get(), TIOCEXCL) == 0 ? "claimed" : "failed");
    });
    REQUIRE(holder.said() == "claimed");
    const auto words = refusal(open_link({.name = name}), ErrorKind::busy);
    CHECK_THAT(words, Contains(fmt::format("pid {} (link_test)", holder.pid())));
}

TEST_CASE("a port without permission is refused with its owner, mode and a way out", "[link]") {
    const Pty pty;
    const auto name = pty.slave_path();
    const auto words_at_mode = [&](mode_t mode) {
        REQUIRE(chmod(name.c_str(), mode) == 0);
        const Child stranger([&] {
            become_nobody_if_root();
            return try_open(name);
        });
        return stranger.said();
    };
    struct stat node {};
    REQUIRE(stat(name.c_str(), &node) == 0);

    const auto closed = words_at_mode(0);
    CHECK_THAT(closed, Catch::StartsWith("denied: " + name));
    CHECK_THAT(closed, Contains("mode 0000"));
    CHECK_THAT(closed, Contains("60-pwlog.rules"));

    const auto for_group = words_at_mode(0060);
    CHECK_THAT(for_group, Contains("mode 0060"));
    CHECK_THAT(for_group, Contains(node.st_gid == 0 ? "60-pwlog.rules" : "usermod -aG"));
}

TEST_CASE("a started program does not inherit the port", "[link]") {
    const Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    const auto descriptors = descriptors_of(pty.slave_path());
    REQUIRE(descriptors.size() == 1);
    CHECK((fcntl(descriptors[0], F_GETFD) & FD_CLOEXEC) != 0);
}
