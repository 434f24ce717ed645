// SPDX-License-Identifier: MIT
// Trap 10 (hidraw) of a device without a serial driver. A socket that keeps the borders of messages
// stands for the node: each write is a report, each read is one.
#include "link/hid_link.h"

#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "trials.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

class Node {
  public:
    explicit Node(std::optional<std::uint8_t> report_number = std::uint8_t{0},
                  std::chrono::milliseconds gap = 1ms) {
        std::array<int, 2> ends{};
        REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0);
        device_ = UniqueFd(ends[0]);
        link = make_hid_link(UniqueFd(ends[1]), "/dev/hidraw9", report_number, gap);
    }
    /// The next report that the device gets; empty when the link is closed.
    std::string taken() const {
        std::array<char, 64> report{};
        const auto got = recv(device_.get(), report.data(), report.size(), 0);
        return {report.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    }
    bool give(std::string_view report) const {
        return send(device_.get(), report.data(), report.size(), MSG_NOSIGNAL) > 0;
    }
    void unplug() { device_.reset(); }

    std::unique_ptr<Link> link;

  private:
    UniqueFd device_;
};

}  // namespace

TEST_CASE("a command goes out as one report, numbered 0 and padded with NUL", "[link]") {
    const Node node;
    REQUIRE(node.link->write("QGS\r", soon(), {}));
    CHECK(node.taken() == "\0QGS\r\0\0\0\0"s);
}

TEST_CASE("the report number can be another, or none at all", "[link]") {
    const Node numbered(std::uint8_t{2});
    REQUIRE(numbered.link->write("QGS\r", soon(), {}));
    CHECK(numbered.taken() == "\2QGS\r\0\0\0\0"s);
    const Node bare(std::nullopt);
    REQUIRE(bare.link->write("QGS\r", soon(), {}));
    CHECK(bare.taken() == "QGS\r\0\0\0\0"s);
}

TEST_CASE("a command of eight bytes fills one report, without another of padding", "[link]") {
    const Node node;
    REQUIRE(node.link->write("GM00012\r", soon(), {}));
    REQUIRE(node.link->write("QPI\r", soon(), {}));
    CHECK(node.taken() == "\0GM00012\r"s);
    CHECK(node.taken() == "\0QPI\r\0\0\0\0"s);
}

TEST_CASE("a command of more than eight bytes goes out in two reports with a gap", "[link]") {
    const Node node(std::uint8_t{0}, 60ms);
    const auto before = std::chrono::steady_clock::now();
    REQUIRE(node.link->write("S,1.1R0000\r", soon(), {}));
    CHECK(std::chrono::steady_clock::now() - before >= 60ms);
    CHECK(node.taken() == "\0S,1.1R00"s);
    CHECK(node.taken() == "\0"s + "00\r\0\0\0\0\0"s);
}

TEST_CASE("the gap between reports ends at the deadline, at a stop and at an unplug", "[link]") {
    Node node(std::uint8_t{0}, 60s);
    std::stop_source stop;
    SECTION("deadline") {
        const auto sent = node.link->write("S,1.1R0000\r", in(50ms), {});
        CHECK(kind_of_failure(sent) == ErrorKind::timeout);
    }
    SECTION("stop") {
        std::jthread stopper([&] {
            node.taken();
            stop.request_stop();
        });
        const auto sent = node.link->write("S,1.1R0000\r", soon(), stop.get_token());
        CHECK(kind_of_failure(sent) == ErrorKind::stopped);
    }
    SECTION("unplug") {
        std::jthread plug([&] {
            node.taken();
            node.unplug();
        });
        const auto sent = node.link->write("S,1.1R0000\r", soon(), {});
        CHECK(kind_of_failure(sent) == ErrorKind::gone);
    }
}

TEST_CASE("an answer in reports is put together, without the padding after its CR", "[link]") {
    const Node node;
    node.give("(VERFW:0");
    node.give("0.15\r\0\0\0"s);
    CHECK(read_bytes(*node.link, 13) == "(VERFW:00.15\r");
    std::array<char, 8> buffer{};
    CHECK(kind_of_failure(node.link->read(buffer, in(20ms), {})) == ErrorKind::timeout);
}

TEST_CASE("a NUL between bytes is handed over: it is damage and not padding", "[link]") {
    const Node node;
    node.give("(2\0003.7\r\0"s);
    CHECK(read_bytes(*node.link, 7) == "(2\0003.7\r"s);
}

TEST_CASE("an empty report is waited over, never handed out as zero bytes", "[link]") {
    const Node node;
    node.give(std::string(8, '\0'));
    node.give("(ACK\r\0\0\0"s);
    CHECK(read_bytes(*node.link, 5) == "(ACK\r");
}

TEST_CASE("a flow of empty reports cannot outlast the deadline", "[link]") {
    const Node node;
    node.give(std::string(8, '\0'));
    node.give("(ACK\r\0\0\0"s);  // comes too late: the deadline passed while nothing was said
    std::array<char, 8> buffer{};
    CHECK(kind_of_failure(node.link->read(buffer, in(-1ms), {})) == ErrorKind::timeout);
    CHECK(read_bytes(*node.link, 5) == "(ACK\r");
}

TEST_CASE("a report larger than the buffer is handed out in pieces", "[link]") {
    const Node node;
    node.give("(PI97\r\0\0"s);
    std::array<char, 4> small{};
    REQUIRE(node.link->read(small, soon(), {}).value() == 4);
    CHECK(std::string(small.data(), 4) == "(PI9");
    REQUIRE(node.link->read(small, soon(), {}).value() == 2);
    CHECK(std::string(small.data(), 2) == "7\r");
}

TEST_CASE("a device that numbers its reports has the number taken off its answers", "[link]") {
    const Node node(std::uint8_t{2});
    node.give("\2(ACK\r\0\0\0"s);
    CHECK(read_bytes(*node.link, 5) == "(ACK\r");
}

TEST_CASE("discard_input reads a hidraw node empty, the rest of a report included", "[link]") {
    const Node node;
    node.give("(0246 00");
    std::array<char, 2> small{};
    REQUIRE(node.link->read(small, soon(), {}));
    node.give("42 0000 ");
    node.give("0080\r\0\0\0"s);
    REQUIRE(node.link->discard_input());
    node.give("(ACK\r\0\0\0"s);
    CHECK(read_bytes(*node.link, 5) == "(ACK\r");
}

TEST_CASE("an unplugged hidraw device is gone, after what it had sent", "[link]") {
    Node node;
    node.give("(ACK\r\0\0\0"s);
    node.unplug();
    CHECK(read_bytes(*node.link, 5) == "(ACK\r");
    std::array<char, 8> buffer{};
    CHECK(kind_of_failure(node.link->read(buffer, soon(), {})) == ErrorKind::gone);
    CHECK(kind_of_failure(node.link->write("QPI\r", soon(), {})) == ErrorKind::gone);
}
