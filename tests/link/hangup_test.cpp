// SPDX-License-Identifier: MIT
// Traps 6 (O_NOCTTY) and 7 (hangup, replug) of a serial device, on a real PTY whose master closes.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "link/link.h"
#include "support/temp_dir.h"
#include "trials.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

TEST_CASE("a port that is already gone is told by the next read at once", "[link]") {
    Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    pty.hang_up();
    std::array<char, 8> buffer{};
    const auto deadline = soon();
    const auto got = link->read(buffer, deadline, {});
    REQUIRE_FALSE(got);
    CHECK(kind_of_failure(got) == ErrorKind::gone);
    CHECK(std::chrono::steady_clock::now() < deadline);
    CHECK_THAT(got.error().message, Catch::Contains(pty.slave_path()));
}

TEST_CASE("a port that goes ends a read that is waiting, without spinning", "[link]") {
    Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    std::array<char, 8> buffer{};
    const auto deadline = soon();
    std::jthread plug([&] {
        pty.read(1);  // the question: the read follows it
        pty.hang_up();
    });
    REQUIRE(link->write("Q", deadline, {}));
    const auto before = cpu_time_of_thread();
    const auto got = link->read(buffer, deadline, {});
    REQUIRE_FALSE(got);
    CHECK(kind_of_failure(got) == ErrorKind::gone);
    CHECK(std::chrono::steady_clock::now() < deadline);
    CHECK(cpu_time_of_thread() - before < 500ms);
}

TEST_CASE("a port that goes while there is no room ends the write", "[link]") {
    Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    std::jthread plug([&] {
        pty.read(1);
        pty.hang_up();
    });
    const auto sent = link->write(std::string(1 << 20, 'x'), soon(), {});
    REQUIRE_FALSE(sent);
    CHECK(kind_of_failure(sent) == ErrorKind::gone);
}

TEST_CASE("every call on a port that is gone says so, whichever comes first", "[link]") {
    Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    pty.hang_up();
    std::array<char, 8> buffer{};
    SECTION("write") { CHECK_FALSE(link->write("QPI\r", soon(), {})); }
    SECTION("discard_input") { CHECK_FALSE(link->discard_input()); }
    SECTION("read") { CHECK_FALSE(link->read(buffer, soon(), {})); }
    CHECK(kind_of_failure(link->read(buffer, soon(), {})) == ErrorKind::gone);
    CHECK(kind_of_failure(link->write("QPI\r", soon(), {})) == ErrorKind::gone);
    CHECK(kind_of_failure(link->discard_input()) == ErrorKind::gone);
}

TEST_CASE("a port that is gone is closed at once, which frees its number", "[link]") {
    Pty pty;
    const auto name = pty.slave_path();
    const auto link = open_or_fail(name);
    CHECK(descriptors_of(name).size() == 1);
    pty.hang_up();
    CHECK(descriptors_of(name).size() + descriptors_of(name + " (deleted)").size() == 1);
    CHECK_FALSE(link->discard_input());
    CHECK(descriptors_of(name).size() + descriptors_of(name + " (deleted)").size() == 0);
}

TEST_CASE("after replugging the configured name opens the device's new port", "[link]") {
    const TempDir dir;
    const auto name = (dir.path() / "usb-pdu").string();
    auto pty = std::make_unique<Pty>();
    pty->link_as(name);
    auto link = open_or_fail(name);
    CHECK(link->name() == name);
    for (int round = 0; round < 20; ++round) {
        auto again = std::make_unique<Pty>();  // before the old one goes: another number
        pty->hang_up();
        CHECK(kind_of_failure(link->discard_input()) == ErrorKind::gone);
        again->link_as(name);
        pty = std::move(again);
        link = open_or_fail(name);
        pty->write("(PI90\r");
        CHECK(read_bytes(*link, 6) == "(PI90\r");
        REQUIRE(link->write("QPI\r", soon(), {}));
        CHECK(pty->read(4) == "QPI\r");  // raw and without echo, again
    }
}

TEST_CASE("a session leader that opened the port survives its hangup", "[link]") {
    // Without O_NOCTTY the port becomes its controlling terminal, and the hangup a deadly SIGHUP.
    Pty pty;
    const auto name = pty.slave_path();
    const pid_t child = fork();
    if (child == 0) {
        alarm(30);
        pty.hang_up();  // its copy of the master would keep the line up
        setsid();
        const auto link = open_link({.name = name});
        std::array<char, 8> buffer{};
        if (!link || !(*link)->write("!", soon(), {})) {
            _exit(1);
        }
        const auto got = (*link)->read(buffer, soon(), {});
        _exit(!got && got.error().kind == ErrorKind::gone ? 7 : 2);
    }
    CHECK(pty.read(1) == "!");
    pty.hang_up();
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK_FALSE(WIFSIGNALED(status));
    CHECK(WEXITSTATUS(status) == 7);
}
