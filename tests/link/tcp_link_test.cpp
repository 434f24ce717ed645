// SPDX-License-Identifier: MIT
// A line behind a server on the network: locks, cut connections, servers that are not there.
#include "link/tcp_link.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "trials.h"

using namespace pwlog;
using namespace pwlog::test;
using Catch::Contains;

namespace {

const std::stop_token never;

/// A server on the loopback that takes what comes and says what the test says.
class Server {
  public:
    Server() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof any;
        auto* const address = reinterpret_cast<sockaddr*>(&any);
        REQUIRE(bind(listener_.get(), address, size) == 0);
        REQUIRE(listen(listener_.get(), 4) == 0);
        REQUIRE(getsockname(listener_.get(), address, &size) == 0);
        port_ = ntohs(any.sin_port);
    }
    std::string name(const std::string& host = "127.0.0.1") const {
        return fmt::format("tcp://{}:{}", host, port_);
    }
    Address address() const {
        return look_up("127.0.0.1", static_cast<std::uint16_t>(port_), never).value().front();
    }
    UniqueFd accept_one() const {
        return UniqueFd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    void stop_listening() { listener_.reset(); }

  private:
    UniqueFd listener_;
    int port_ = 0;
};

void say(const UniqueFd& caller, std::string_view bytes) {
    REQUIRE(send(caller.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
}

/// 4 and one more are let in; then the kernel leaves who comes waiting.
std::vector<UniqueFd> callers_that_wait(const Server& server) {
    std::vector<UniqueFd> queue;
    const auto there = server.address();
    for (int i = 0; i < 16; ++i) {
        queue.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        (void)connect(queue.back().get(), reinterpret_cast<const sockaddr*>(&there.raw),
                      there.size);
    }
    return queue;
}

/// Ends the connection as a machine does that has started anew: by a reset.
void cut(UniqueFd caller) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    REQUIRE(setsockopt(caller.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
}

}  // namespace

TEST_CASE("a server's bytes go both ways as they are", "[link]") {
    const Server server;
    const auto link = open_or_fail(server.name());
    const auto caller = server.accept_one();
    REQUIRE(link->write("QPI\r", soon(), never));
    std::string heard(4, ' ');
    REQUIRE(recv(caller.get(), heard.data(), heard.size(), MSG_WAITALL) == 4);
    CHECK(heard == "QPI\r");
    say(caller, "(PI90\r");
    CHECK(read_bytes(*link, 6) == "(PI90\r");
    CHECK(link->name() == server.name());
    std::array<char, 8> buffer{};
    CHECK(kind_of_failure(link->read(buffer, in(std::chrono::milliseconds(5)), never)) ==
          ErrorKind::timeout);
}

TEST_CASE("what a server said before it was asked is thrown away", "[link]") {
    const Server server;
    const auto link = open_or_fail(server.name());
    const auto caller = server.accept_one();
    say(caller, "(late\r");
    std::array<char, 1> first{};  // it has come
    REQUIRE(link->read(first, soon(), never));
    REQUIRE(link->discard_input());
    say(caller, "(PI97\r");
    CHECK(read_bytes(*link, 6) == "(PI97\r");
}

TEST_CASE("a second caller of one server is refused on this machine, under any of its names",
          "[link]") {
    const Server server;
    const auto other_name = server.name("localhost");
    Result<std::unique_ptr<Link>> held = nullptr;
    Child holder([&] {
        held = open_link({.name = server.name()});
        return std::string(held ? "held" : "not held");
    });
    REQUIRE(holder.said() == "held");
    for (const auto& name : {server.name(), other_name}) {
        const auto refused = open_link({.name = name});
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::busy);
        CHECK_THAT(refused.error().message, Contains(name));
        CHECK_THAT(refused.error().message,
                   Contains(fmt::format("pid {} (link_test)", holder.pid())));
    }
    holder.kill();  // kill -9: the lock goes with the process
    {
        const auto link = open_or_fail(other_name);
        const auto refused = open_link({.name = server.name()});
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().message, Contains("this program itself"));
    }
    CHECK(open_link({.name = server.name()}));
}

TEST_CASE("a connection that ends is gone, for a read and for a write, and no signal", "[link]") {
    Server server;
    const auto link = open_or_fail(server.name());
    std::array<char, 8> buffer{};
    SECTION("closed") { server.accept_one(); }
    SECTION("reset") { cut(server.accept_one()); }
    CHECK(kind_of_failure(link->read(buffer, soon(), never)) == ErrorKind::gone);
    CHECK(kind_of_failure(link->write("QPI\r", soon(), never)) == ErrorKind::gone);
}

TEST_CASE("a write into a connection that was reset is gone, and no signal", "[link]") {
    Server server;
    const auto link = open_or_fail(server.name());
    cut(server.accept_one());
    Result<void> written;
    const auto end = soon();
    while (written && std::chrono::steady_clock::now() < end) {
        written = link->write("QPI\r", end, never);  // the first may leave before the reset comes
    }
    CHECK(kind_of_failure(written) == ErrorKind::gone);
}

TEST_CASE("a server that is not there is told with the address and what to look at", "[link]") {
    Server server;
    server.stop_listening();
    const auto refused = open_link({.name = server.name()});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::not_found);
    CHECK_THAT(refused.error().message, Contains(": 127.0.0.1: "));
    CHECK_THAT(refused.error().message, Contains("Connection refused"));
    CHECK(kind_of_failure(open_link({.name = "tcp://no-such-host.invalid:2001"})) ==
          ErrorKind::not_found);
}

TEST_CASE("of a name with several addresses the one that answers is found", "[link]") {
    const Server server;  // on 127.0.0.1 alone; localhost may be ::1 as well, and first
    CHECK(open_link({.name = server.name("localhost")}));
}

TEST_CASE("a server that lets a caller wait is given up, at once on a stop", "[link]") {
    const Server server;
    const auto queue = callers_that_wait(server);
    std::stop_source stop;
    stop.request_stop();
    CHECK(kind_of_failure(open_link({.name = server.name()}, stop.get_token())) ==
          ErrorKind::stopped);
    const auto refused = open_link({.name = server.name()});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::not_found);
    CHECK_THAT(refused.error().message, Contains("timed out"));
}

TEST_CASE("an address that lets a caller wait leaves the others their share of the time",
          "[link]") {
    const Server busy;
    const auto queue = callers_that_wait(busy);
    const Server free;
    std::vector<Address> addresses(10, free.address());
    addresses.front() = busy.address();
    const auto resolver = [&](const std::string&, std::uint16_t, const std::stop_token&) {
        return Result<std::vector<Address>>(addresses);
    };
    const auto begin = std::chrono::steady_clock::now();
    CHECK(open_tcp_link("tcp://many.example:2001", never, resolver));
    // All of them together have three seconds.
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(3));
}

TEST_CASE("a network name is host and port, and nothing else", "[link]") {
    CHECK(parse_tcp_name("tcp://esp-link.lan:23").value().host == "esp-link.lan");
    CHECK(parse_tcp_name("tcp://ESP-Link:02001").value().name() == "tcp://esp-link:2001");
    CHECK(parse_tcp_name("tcp://[2001:DB8::7]:2001").value().name() == "tcp://[2001:db8::7]:2001");
    const auto* const wrong =
        GENERATE("tcp://", "tcp://host", "tcp://host:", "tcp://:2001", "tcp://host:0",
                 "tcp://host:65536", "tcp://host:2001/", "tcp://host:ser", "tcp://2001:db8::7:2001",
                 "tcp://user@host:1", "tcp://[]:1", "tcp://ho st:1", "udp://host:1");
    const auto refused = parse_tcp_name(wrong);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::invalid);
    CHECK_THAT(refused.error().message, Contains("expected tcp://HOST:PORT"));
}
