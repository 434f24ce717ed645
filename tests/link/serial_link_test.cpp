// SPDX-License-Identifier: MIT
// serial_link on a PTY. libserialport 0.1.1 takes a name below /dev that leads to a link, here one
// to the PTY's slave; modem_lines.cpp has the rest.
#include "link/serial_link.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <string>

#include "support/temp_dir.h"
#include "trials.h"

using namespace pwlog;
using namespace pwlog::test;
using Catch::Contains;

namespace {

UniqueFd plain_open(const std::string& path) {
    return UniqueFd(open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
}

/// A PTY that is /dev/ttyUSB0 to libserialport, and another user of it who watches.
struct SerialPty {
    SerialPty() : watcher(plain_open(pty.slave_path())) {
        // libserialport looks the port up there; a bare chroot lacks it. ctest skips then.
        if (!std::filesystem::exists("/sys/class/tty")) {
            FAIL("skipped: no /sys/class/tty here");
        }
        pty.link_as(dir.path() / "ttyUSB0");
        path = "/dev/../../.." + (dir.path() / "ttyUSB0").string();
    }
    std::unique_ptr<Link> open() const {
        auto link = open_serial_link(name, path);
        INFO((link ? std::string() : link.error().message));
        REQUIRE(link);
        return std::move(*link);
    }
    bool claimed() const {
        int flag = -1;
        REQUIRE(ioctl(watcher.get(), TIOCGEXCL, &flag) == 0);
        return flag != 0;
    }
    termios settings() const {
        termios line{};
        REQUIRE(tcgetattr(watcher.get(), &line) == 0);
        return line;
    }
    TempDir dir;
    Pty pty;
    UniqueFd watcher;
    std::string name = "/dev/serial/by-id/usb-pdu";
    std::string path;
};

}  // namespace

TEST_CASE("a serial port is set to 2400 baud, raw, without flow control", "[link]") {
    const SerialPty port;
    auto line = port.settings();
    line.c_cflag |= CRTSCTS;  // left behind by another program; libserialport 0.1.1 keeps it
    line.c_iflag |= IXON | IXOFF;
    cfsetspeed(&line, B9600);
    REQUIRE(tcsetattr(port.watcher.get(), TCSANOW, &line) == 0);

    const auto link = port.open();
    line = port.settings();
    CHECK(cfgetospeed(&line) == B2400);
    CHECK(cfgetispeed(&line) == B2400);
    CHECK((line.c_cflag & CRTSCTS) == 0);
    CHECK((line.c_cflag & (CLOCAL | CREAD)) == (CLOCAL | CREAD));
    CHECK(line.c_iflag == INPCK);
    CHECK((line.c_lflag & (ECHO | ECHONL | ICANON | ISIG | IEXTEN)) == 0);
    CHECK((line.c_oflag & OPOST) == 0);
    CHECK(line.c_cc[VMIN] == 1);  // with 0 a hangup reads like silence
}

TEST_CASE("a serial port carries bytes both ways, unchanged", "[link]") {
    const SerialPty port;
    const auto link = port.open();
    CHECK(link->name() == port.name);
    REQUIRE(link->write("S,1.1R0000\r", soon(), {}));
    CHECK(port.pty.read(11) == "S,1.1R0000\r");
    const std::string answer = "(0246 \r\n\x03\x11\x13\x04\x7f\xff";
    port.pty.write(answer);
    CHECK(read_bytes(*link, answer.size()) == answer);
}

TEST_CASE("an unplugged serial port is gone at once", "[link]") {
    SerialPty port;
    const auto link = port.open();
    port.pty.hang_up();
    std::array<char, 8> buffer{};
    const auto deadline = soon();
    CHECK(kind_of_failure(link->read(buffer, deadline, {})) == ErrorKind::gone);
    CHECK(std::chrono::steady_clock::now() < deadline);
}

TEST_CASE("a serial port is one descriptor more, close-on-exec", "[link]") {
    const SerialPty port;
    const auto link = port.open();
    const auto descriptors = descriptors_of(port.pty.slave_path());
    REQUIRE(descriptors.size() == 2);  // the watcher's and the link's
    for (const int descriptor : descriptors) {
        CHECK((fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    }
}

TEST_CASE("a serial port is locked and claimed against a second opener", "[link]") {
    const SerialPty port;
    REQUIRE(chmod(port.pty.slave_path().c_str(), 0666) == 0);
    const auto link = port.open();
    CHECK(port.claimed());

    const auto second = open_serial_link(port.name, port.path);
    REQUIRE_FALSE(second);
    CHECK(kind_of_failure(second) == ErrorKind::busy);
    CHECK_THAT(second.error().message, Contains(port.name));

    const Child stranger([&] {  // who asks for no lock is refused by the kernel, unless it is root
        become_nobody_if_root();
        const auto rival = plain_open(port.pty.slave_path());
        return std::string(!rival && errno == EBUSY ? "EBUSY" : "opened");
    });
    CHECK(stranger.said() == "EBUSY");
}

TEST_CASE("a claimed serial port is busy, and its settings are left alone", "[link]") {
    const SerialPty port;
    REQUIRE(ioctl(port.watcher.get(), TIOCEXCL) == 0);
    const auto before = port.settings();
    const auto refused = open_serial_link(port.name, port.path);
    REQUIRE_FALSE(refused);
    CHECK(kind_of_failure(refused) == ErrorKind::busy);
    CHECK(port.settings().c_lflag == before.c_lflag);
    CHECK(port.settings().c_iflag == before.c_iflag);
}

TEST_CASE("a closed serial link ends its claim, though others have the port open", "[link]") {
    const SerialPty port;
    port.open().reset();
    CHECK_FALSE(port.claimed());
    port.open();
}
