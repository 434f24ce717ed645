// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "protocol/frame.h"
#include "support/served.h"
#include "terminal.h"

using namespace pwlog;
using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::Served;
using test::Terminal;

namespace {

/// Far more than a busy machine needs, and far less than an error would make.
constexpr auto generous = 1500ms;

std::unique_ptr<Served> serve_paced(std::chrono::milliseconds think) {
    auto options = Served::fast_pdu();
    options.port.paced = true;
    options.port.think = think;
    auto served = Served::start(options);
    REQUIRE(served);
    return std::move(*served);
}

std::chrono::duration<double> wire_time(std::size_t bytes) {
    return std::chrono::duration<double>(wire_seconds(bytes));
}

}  // namespace

TEST_CASE("question and answer take the time of their bytes at 2400 baud", "[simulator]") {
    const auto pdu = serve_paced(0ms);
    const Terminal terminal(pdu->path());
    const auto asked = steady_clock::now();
    const auto answer = terminal.ask("QSR");
    const auto took = steady_clock::now() - asked;
    const auto wire = wire_time(4 + answer.size() + 2);
    CHECK(took >= wire);
    CHECK(took < wire + generous);
}

TEST_CASE("the device's own delay comes between question and answer", "[simulator]") {
    const auto pdu = serve_paced(200ms);
    const Terminal terminal(pdu->path());
    const auto asked = steady_clock::now();
    terminal.write("QPI\r");
    CHECK(terminal.read(1) == "(");
    CHECK(steady_clock::now() - asked >= wire_time(5) + 200ms);
    CHECK(terminal.read_line() == "PI90\r");
    REQUIRE(pdu->inject("think 0s"));
    const auto asked_again = steady_clock::now();
    CHECK(terminal.ask("QPI") == "PI90");
    CHECK(steady_clock::now() - asked_again < wire_time(10) + 200ms + generous);
}

TEST_CASE("bytes come one by one, none before its time, and no delay adds up", "[simulator]") {
    const auto pdu = serve_paced(0ms);
    const Terminal terminal(pdu->path());
    const auto asked = steady_clock::now();
    terminal.write("QEC\r");
    std::size_t bytes = 4;
    std::string byte;
    while (byte != "\r") {
        byte = terminal.read(1);
        REQUIRE(byte.size() == 1);
        ++bytes;
        REQUIRE(steady_clock::now() - asked >= wire_time(bytes));
    }
    CHECK(bytes == 4 + 82);
    CHECK(steady_clock::now() - asked < wire_time(bytes) + generous);
}

TEST_CASE("a question asked before the last answer's end is noticed", "[simulator]") {
    const auto pdu = serve_paced(0ms);
    const Terminal terminal(pdu->path());
    REQUIRE(pdu->inject("fault slow next 1 for 200ms"));
    terminal.write("QVFW\r");
    CHECK(terminal.read(1) == "(");
    terminal.write("QPI\r");  // with more than two seconds to go
    CHECK(terminal.read_line() == "VERFW:00.15\r");
    CHECK(terminal.read_line() == "(PI90\r");
    REQUIRE(pdu->wait_for_answers(2));
    CHECK(pdu->answers()[0].overlapped);
    CHECK_FALSE(pdu->answers()[1].overlapped);
}

TEST_CASE("well-behaved questions never overlap", "[simulator]") {
    const auto pdu = serve_paced(1ms);
    const Terminal terminal(pdu->path());
    for (int i = 0; i < 10; ++i) {
        CHECK(terminal.ask("QPI") == "PI90");
    }
    REQUIRE(pdu->wait_for_answers(10));
    for (const auto& record : pdu->answers()) {
        CHECK_FALSE(record.overlapped);
    }
}
