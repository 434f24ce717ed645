// SPDX-License-Identifier: MIT
#include "sampling/nut_client.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <thread>

#include "support/system_clock.h"

using namespace pwlog;
using test::system_clock;
using namespace std::chrono_literals;

namespace {

const std::stop_token never;

Address address_of(const std::string& text, std::uint16_t port) {
    const auto found = look_up(text, port, never);
    REQUIRE(found);
    return found->front();
}

/// Listens on one loopback address; `backlog` 0 and one connection make it a host that is silent.
struct Listening {
    explicit Listening(const std::string& text, std::uint16_t wanted = 0, int backlog = 8) {
        const auto address = address_of(text, wanted);
        fd = UniqueFd(socket(address.raw.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto* const raw = reinterpret_cast<const sockaddr*>(&address.raw);
        REQUIRE(bind(fd.get(), raw, address.size) == 0);
        REQUIRE(listen(fd.get(), backlog) == 0);
        sockaddr_in bound{};
        socklen_t size = sizeof bound;
        REQUIRE(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &size) == 0);
        port = ntohs(bound.sin_port);
    }
    UniqueFd fd;
    std::uint16_t port = 0;
};

/// Answers one question of a NUT client. It runs on a thread of its own, where Catch must not check
/// anything: without an answer it is the client's test that fails.
void serve_one(int listening) {
    const UniqueFd talk(accept(listening, nullptr, nullptr));
    std::array<char, 200> question{};
    if (recv(talk.get(), question.data(), question.size(), 0) <= 0) {
        return;
    }
    const std::string answer = "BEGIN LIST VAR ups\nVAR ups ups.status \"OL\"\nEND LIST VAR ups\n";
    (void)send(talk.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    (void)recv(talk.get(), question.data(), question.size(), 0);
}

}  // namespace

TEST_CASE("of a name's addresses each gets its chance: one refuses, one is silent", "[ups]") {
    const Listening server("127.0.0.1");
    // A full queue: the kernel leaves who comes then without an answer.
    const Listening silent("127.0.0.3", server.port, 0);
    std::vector<UniqueFd> queue;
    for (int i = 0; i < 4; ++i) {
        const auto address = address_of("127.0.0.3", server.port);
        queue.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        (void)connect(queue.back().get(), reinterpret_cast<const sockaddr*>(&address.raw),
                      address.size);
    }
    const Resolver resolver = [](const std::string&, std::uint16_t port, const std::stop_token&) {
        return Result<std::vector<Address>>({address_of("127.0.0.2", port),
                                             address_of("127.0.0.3", port),
                                             address_of("127.0.0.1", port)});
    };
    const std::jthread serving([&] { serve_one(server.fd.get()); });
    NutPlace place;
    place.port = server.port;
    const auto variables = ask_nut(place, system_clock, {}, resolver);
    INFO((variables ? std::string() : variables.error().message));
    REQUIRE(variables);
    CHECK(variables->at("ups.status") == "OL");
}

TEST_CASE("an address that takes the connection and says nothing leaves time for the next",
          "[ups]") {
    const Listening server("127.0.0.1");
    const Listening dumb("127.0.0.3", server.port);
    const Resolver resolver = [](const std::string&, std::uint16_t port, const std::stop_token&) {
        return Result<std::vector<Address>>(
            {address_of("127.0.0.3", port), address_of("127.0.0.1", port)});
    };
    const std::jthread serving([&] { serve_one(server.fd.get()); });
    NutPlace place;
    place.port = server.port;
    const auto variables = ask_nut(place, system_clock, {}, resolver);
    INFO((variables ? std::string() : variables.error().message));
    CHECK(variables);
    if (!variables) {  // nobody came: the thread would wait for ever
        const UniqueFd caller(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto address = address_of("127.0.0.1", server.port);
        (void)connect(caller.get(), reinterpret_cast<const sockaddr*>(&address.raw), address.size);
        (void)send(caller.get(), "x", 1, MSG_NOSIGNAL);
    }
}

TEST_CASE("a server that is nowhere is gone, with what each of its addresses said", "[ups]") {
    NutPlace place;
    {
        const Listening server("127.0.0.1");
        place.port = server.port;
    }
    const Resolver resolver = [](const std::string&, std::uint16_t port, const std::stop_token&) {
        return Result<std::vector<Address>>(
            {address_of("127.0.0.1", port), address_of("127.0.0.2", port)});
    };
    const auto variables = ask_nut(place, system_clock, {}, resolver);
    REQUIRE_FALSE(variables);
    CHECK(variables.error().kind == ErrorKind::gone);
    CHECK(variables.error().message.find("127.0.0.1: Connection refused") != std::string::npos);
    CHECK(variables.error().message.find("127.0.0.2: Connection refused") != std::string::npos);
}
