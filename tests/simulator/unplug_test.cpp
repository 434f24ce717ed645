// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <filesystem>

#include "support/served.h"
#include "terminal.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::Served;
using test::Terminal;

namespace {

std::unique_ptr<Served> serve_pdu() {
    auto served = Served::start(Served::fast_pdu());
    REQUIRE(served);
    return std::move(*served);
}

bool is_there(const Served& served) {
    return std::filesystem::is_symlink(std::filesystem::symlink_status(served.path()));
}

/// Waits until a link stands that can be opened.
Terminal reopened(const Served& served) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < until) {
        try {
            return Terminal(served.path());
        } catch (const std::system_error&) {
            std::this_thread::yield();
        }
    }
    FAIL("not plugged in again");
    throw std::logic_error("unreachable");
}

}  // namespace

TEST_CASE("unplugging hangs up and takes the link away, plugging in makes a new terminal",
          "[simulator]") {
    const auto pdu = serve_pdu();
    const Terminal before(pdu->path());
    CHECK(before.ask("QPI") == "PI90");
    REQUIRE(pdu->inject("unplug"));
    CHECK(before.is_hung_up());
    CHECK_FALSE(is_there(*pdu));
    REQUIRE(pdu->inject("plug"));
    const auto after = reopened(*pdu);
    CHECK(after.ask("QPI") == "PI90");
    CHECK(before.read(1, 0ms).empty());
}

TEST_CASE("the held terminal's number goes to no one else while it is held", "[simulator]") {
    const auto pdu = serve_pdu();
    const auto number = std::filesystem::read_symlink(pdu->path());
    const Terminal held(pdu->path());
    REQUIRE(pdu->inject("unplug 1ms"));
    CHECK(held.is_hung_up());
    const auto after = reopened(*pdu);
    CHECK(std::filesystem::read_symlink(pdu->path()) != number);
    CHECK(after.ask("QPI") == "PI90");
}

TEST_CASE("a device that was unplugged for a time comes back by itself", "[simulator]") {
    const auto pdu = serve_pdu();
    for (int round = 0; round < 20; ++round) {
        const Terminal terminal(pdu->path());
        CHECK(terminal.ask("QPI") == "PI90");
        REQUIRE(pdu->inject("unplug 5ms"));
        REQUIRE(terminal.is_hung_up());
        CHECK(reopened(*pdu).ask("QVFW") == "VERFW:00.15");
    }
}

TEST_CASE("unplugging can strike in the middle of an answer", "[simulator]") {
    auto options = Served::fast_pdu();
    options.port.paced = true;
    auto pdu = *Served::start(options);
    const Terminal terminal(pdu->path());
    REQUIRE(pdu->inject("fault unplug next 1 for 10ms only QSR"));
    terminal.write("QSR\r");
    CHECK(terminal.is_hung_up());
    REQUIRE(pdu->wait_for_answers(1));
    const auto record = pdu->answers().front();
    CHECK(record.sent.size() < record.meant->size() + 2);
    CHECK(reopened(*pdu).ask("QPI") == "PI90");
}

TEST_CASE("an order to unplug does not wait for an answer to end", "[simulator]") {
    const auto pdu = serve_pdu();
    const Terminal terminal(pdu->path());
    REQUIRE(pdu->inject("fault slow next 1 for 1s"));
    terminal.write("QSR\r");
    CHECK(terminal.read(1) == "(");  // in the middle of it, with two minutes to go
    REQUIRE(pdu->inject("unplug 1ms"));
    CHECK(terminal.is_hung_up());
    REQUIRE(pdu->wait_for_answers(1));
    CHECK(pdu->answers().front().interrupted);
    CHECK(reopened(*pdu).ask("QPI") == "PI90");
}

TEST_CASE("a device goes with its link and its folder, also in the middle of an answer",
          "[simulator]") {
    std::filesystem::path folder;
    {
        const auto pdu = serve_pdu();
        folder = std::filesystem::path(pdu->path()).parent_path();
        const Terminal terminal(pdu->path());
        REQUIRE(pdu->inject("fault late next 1 for 1h"));
        terminal.write("QPI\r");
        CHECK(std::filesystem::exists(folder));
    }
    CHECK_FALSE(std::filesystem::exists(folder));
}
