// SPDX-License-Identifier: MIT
// Traps 5 (raw mode) and 9 (timing) of a serial device, and the promises of Link, on a real PTY.
#include "link/fd_link.h"

#include <fcntl.h>
#include <termios.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "trials.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

std::string every_byte() {
    std::string bytes;
    for (int value = 0; value < 256; ++value) {
        bytes += static_cast<char>(value);
    }
    return bytes;
}

termios settings_of(const std::string& path) {
    const UniqueFd terminal(open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    termios found{};
    REQUIRE(tcgetattr(terminal.get(), &found) == 0);
    return found;
}

}  // namespace

TEST_CASE("an opened PTY is raw at 2400 baud, not cooked with echo", "[link]") {
    const Pty pty;
    CHECK((settings_of(pty.slave_path()).c_lflag & (ECHO | ICANON)) != 0);  // as the kernel made it
    const auto link = open_or_fail(pty.slave_path());
    const auto line = settings_of(pty.slave_path());
    CHECK((line.c_lflag & (ECHO | ECHONL | ICANON | ISIG | IEXTEN)) == 0);
    CHECK((line.c_oflag & OPOST) == 0);
    CHECK(line.c_iflag == INPCK);
    CHECK((line.c_cflag & CRTSCTS) == 0);
    CHECK((line.c_cflag & (CLOCAL | CREAD)) == (CLOCAL | CREAD));
    CHECK(cfgetospeed(&line) == B2400);
    CHECK(cfgetispeed(&line) == B2400);
}

TEST_CASE("every byte value passes unchanged in both directions", "[link]") {
    const Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    pty.write(every_byte());
    CHECK(read_bytes(*link, 256) == every_byte());
    REQUIRE(link->write(every_byte(), soon(), {}));
    CHECK(pty.read(256) == every_byte());
}

TEST_CASE("an answer is not echoed back to the device, so no echo storm starts", "[link]") {
    const Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    pty.write("(NAK\r");
    CHECK(read_bytes(*link, 5) == "(NAK\r");
    REQUIRE(link->write("QPI\r", soon(), {}));
    CHECK(pty.read(4) == "QPI\r");  // an echo would have come first
}

TEST_CASE("what arrived before the port was opened can be thrown away", "[link]") {
    const Pty pty;
    pty.write("(half a line");
    const auto link = open_or_fail(pty.slave_path());
    REQUIRE(link->discard_input());
    pty.write("x");
    CHECK(read_bytes(*link, 1) == "x");
}

TEST_CASE("bytes that come one by one are handed over so, and a group as a group", "[link]") {
    const Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    std::array<char, 64> buffer{};
    for (const char byte : std::string("(PI90\r")) {
        pty.write({&byte, 1});
        const auto got = link->read(buffer, soon(), {});
        REQUIRE(got);
        CHECK(*got == 1);
        CHECK(buffer[0] == byte);
    }
    pty.write("(VERFW:00.15\r");
    CHECK(read_bytes(*link, 13) == "(VERFW:00.15\r");
}

TEST_CASE("a read takes no more than its buffer holds and leaves the rest", "[link]") {
    const Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    pty.write("(PI97\r");
    std::array<char, 2> small{};
    REQUIRE(link->read(small, soon(), {}).value() == 2);
    CHECK(std::string(small.data(), 2) == "(P");
    CHECK(read_bytes(*link, 4) == "I97\r");
}

TEST_CASE("discard_input throws away all that has arrived", "[link]") {
    const Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    pty.write(std::string(3000, 'o'));
    REQUIRE(link->discard_input());
    pty.write("n");
    CHECK(read_bytes(*link, 1) == "n");
}

TEST_CASE("a silent line is a timeout at the deadline, not before", "[link]") {
    const Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    std::array<char, 8> buffer{};
    const auto deadline = in(80ms);
    const auto got = link->read(buffer, deadline, {});
    REQUIRE_FALSE(got);
    CHECK(kind_of_failure(got) == ErrorKind::timeout);
    CHECK(std::chrono::steady_clock::now() >= deadline);
    CHECK_THAT(got.error().message, Catch::Contains(pty.slave_path()));
}

TEST_CASE("bytes that are there are read even when the deadline has passed", "[link]") {
    const Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    pty.write("(P");
    std::array<char, 1> one{};
    REQUIRE(link->read(one, soon(), {}));  // so both have made their way through the kernel
    const auto got = link->read(one, in(-1s), {});
    REQUIRE(got);
    CHECK(one[0] == 'P');
}

TEST_CASE("a line that takes no bytes is a timeout for the writer", "[link]") {
    const Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    const auto sent = link->write(std::string(1 << 20, 'x'), in(80ms), {});
    REQUIRE_FALSE(sent);
    CHECK(kind_of_failure(sent) == ErrorKind::timeout);
}

TEST_CASE("a write waits for room and then sends the rest", "[link]") {
    const Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    const std::string much(100'000, 'x');
    std::string received;
    std::jthread device([&] { received = pty.read(much.size()); });
    CHECK(link->write(much, soon(), {}));
    device.join();
    CHECK(received == much);
}

TEST_CASE("a stop ends a waiting read and a waiting write", "[link]") {
    const Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    std::stop_source stop;
    std::jthread stopper([&] {
        pty.read(1);  // the link is at work
        stop.request_stop();
    });
    SECTION("read") {
        REQUIRE(link->write("Q", soon(), {}));
        std::array<char, 8> buffer{};
        CHECK(kind_of_failure(link->read(buffer, soon(), stop.get_token())) == ErrorKind::stopped);
    }
    SECTION("write") {
        const auto sent = link->write(std::string(1 << 20, 'x'), soon(), stop.get_token());
        REQUIRE_FALSE(sent);
        CHECK(kind_of_failure(sent) == ErrorKind::stopped);
    }
}

TEST_CASE("after a stop nothing is sent and nothing read, though bytes are there", "[link]") {
    const Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    std::stop_source stop;
    stop.request_stop();
    pty.write("(");
    std::array<char, 8> buffer{};
    CHECK(kind_of_failure(link->read(buffer, soon(), stop.get_token())) == ErrorKind::stopped);
    CHECK(kind_of_failure(link->write("CEC\r", soon(), stop.get_token())) == ErrorKind::stopped);
    REQUIRE(link->write("Q", soon(), {}));
    CHECK(pty.read(1) == "Q");
}

TEST_CASE("an idle wait costs no CPU time", "[link]") {
    const Pty pty;
    const auto link = open_or_fail(pty.slave_path());
    std::array<char, 8> buffer{};
    const auto before = cpu_time_of_thread();
    CHECK_FALSE(link->read(buffer, in(400ms), {}));
    CHECK(cpu_time_of_thread() - before < 100ms);
}
