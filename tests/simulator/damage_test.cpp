// SPDX-License-Identifier: MIT
#include "simulator/damage.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "protocol/frame.h"

using namespace pwlog;
using namespace std::chrono_literals;
using simulator::Dice;
using simulator::Exchange;
using simulator::FaultKind;
using simulator::FaultPlan;
using simulator::FaultRule;
using simulator::parse_fault;
using simulator::Transmission;
using simulator::Words;

namespace {

const Exchange exchange{"QPW", "(0246 0000\r", "(PI90\r", "(VERFW:00.15\r"};

FaultRule rule_of(std::string_view text) {
    Words words(text);
    const auto rule = parse_fault(words);
    REQUIRE(words.finish());
    return rule;
}

/// What the reader gets from a kind of damage, with another fall of the dice each time.
std::vector<Transmission> samples(std::string_view kind, int count = 300) {
    Dice dice(1);
    std::vector<Transmission> all;
    for (int i = 0; i < count; ++i) {
        all.push_back(damaged(exchange, rule_of(std::string(kind) + " 1"), dice));
    }
    return all;
}

std::string bytes(const Transmission& transmission) {
    std::string all;
    for (const auto& piece : transmission.pieces) {
        all += piece.bytes;
    }
    return all;
}

std::vector<std::string> payloads(const std::string& stream) {
    FrameReader reader;
    std::vector<std::string> all;
    for (const char byte : stream) {
        if (auto payload = reader.feed(byte)) {
            all.push_back(*payload);
        }
    }
    return all;
}

int bits_that_differ(const std::string& a, const std::string& b) {
    int bits = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        bits +=
            __builtin_popcount(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
    }
    return bits;
}

}  // namespace

TEST_CASE("a dropped answer is silence", "[simulator]") {
    CHECK(bytes(samples("drop").front()).empty());
}

TEST_CASE("a late answer is whole, but late", "[simulator]") {
    Dice dice(1);
    const auto late = damaged(exchange, rule_of("late 1 for 2s"), dice);
    CHECK(bytes(late) == exchange.frame);
    CHECK(late.pieces.front().pause == 2s);
}

TEST_CASE("a truncated answer is a beginning, with and without its CR", "[simulator]") {
    int ended = 0;
    for (const auto& each : samples("truncated")) {
        auto cut = bytes(each);
        if (cut.ends_with('\r')) {
            ++ended;
            cut.pop_back();
        }
        CHECK(cut.size() < exchange.frame.size() - 1);
        CHECK(exchange.frame.starts_with(cut));
        CHECK_FALSE(cut.empty());
    }
    CHECK(ended > 100);
    CHECK(ended < 200);
    CHECK(bytes(samples("unended").front()) == "(0246 0000");
}

TEST_CASE("a garbled answer differs in one byte, a flipped one in one bit", "[simulator]") {
    for (const auto& each : samples("garbled")) {
        const auto sent = bytes(each);
        REQUIRE(sent.size() == exchange.frame.size());
        int differing = 0;
        for (std::size_t i = 0; i < sent.size(); ++i) {
            differing += sent[i] != exchange.frame[i] ? 1 : 0;
        }
        CHECK(differing == 1);
    }
    for (const auto& each : samples("bitflip")) {
        REQUIRE(bytes(each).size() == exchange.frame.size());
        CHECK(bits_that_differ(bytes(each), exchange.frame) == 1);
    }
}

TEST_CASE("noise leaves the answer to be found, NULs in its middle do not", "[simulator]") {
    for (const char* kind : {"noise", "linefeed", "echo"}) {
        for (const auto& each : samples(kind)) {
            INFO(kind);
            CHECK(bytes(each).size() > exchange.frame.size());
            CHECK(payloads(bytes(each)) == std::vector<std::string>{"0246 0000"});
        }
    }
    for (const auto& each : samples("nul")) {
        CHECK(bytes(each).size() > exchange.frame.size());
        CHECK(payloads(bytes(each)).empty());
    }
    const auto nul = bytes(samples("nul").front());
    CHECK(nul.starts_with('\0'));
    CHECK(nul.ends_with('\0'));
    const auto answer = nul.substr(nul.find('('), nul.find('\r') - nul.find('('));
    CHECK(answer.find('\0') != std::string::npos);
}

TEST_CASE("wrong, stale and doubled answers are whole answers", "[simulator]") {
    CHECK(bytes(samples("wrong").front()) == "(PI90\r");
    CHECK(bytes(samples("stale").front()) == "(VERFW:00.15\r(0246 0000\r");
    CHECK(bytes(samples("doubled").front()) == "(0246 0000\r(0246 0000\r");
}

TEST_CASE("a slow answer takes its time for each byte", "[simulator]") {
    Dice dice(1);
    const auto slow = damaged(exchange, rule_of("slow 1 for 1s"), dice);
    CHECK(bytes(slow) == exchange.frame);
    CHECK(slow.pieces.front().byte_time == std::chrono::nanoseconds(1s));
}

TEST_CASE("babble has no end, and 64 kB at most", "[simulator]") {
    Dice dice(1);
    const auto short_babble = bytes(damaged(exchange, rule_of("babble 1 for 1s"), dice));
    CHECK(short_babble.size() == Approx(240).margin(2));
    const auto long_babble = bytes(damaged(exchange, rule_of("babble 1 for 1h"), dice));
    CHECK(long_babble.size() == 64 * 1024 + 1);
    CHECK(payloads(long_babble).empty());
}

TEST_CASE("unplugging sends a beginning and names its duration", "[simulator]") {
    for (const auto& each : samples("unplug")) {
        CHECK(exchange.frame.starts_with(bytes(each)));
        CHECK(bytes(each).size() < exchange.frame.size());
        CHECK(each.unplug_for == 2s);
    }
}

TEST_CASE("a fault strikes the next answers that it is for, and no other", "[simulator]") {
    Dice dice(1);
    FaultPlan plan;
    plan.add(rule_of("drop next 2 only QPW,QEC"));
    CHECK_FALSE(plan.draw("QGS", dice));
    CHECK(plan.draw("QPW", dice));
    CHECK_FALSE(plan.draw("QPVA", dice));
    CHECK(plan.draw("QEC", dice));
    CHECK_FALSE(plan.draw("QPW", dice));
}

TEST_CASE("faults strike as often as they are likely, at most one an answer", "[simulator]") {
    Dice dice(1);
    FaultPlan plan;
    plan.add(rule_of("drop 0.05"));
    plan.add(rule_of("garbled 5%"));
    plan.add(rule_of("late 50% only QEC"));
    std::map<FaultKind, int> struck;
    for (int i = 0; i < 10'000; ++i) {
        if (const auto rule = plan.draw("QPW", dice)) {
            ++struck[rule->kind];
        }
    }
    CHECK(struck[FaultKind::drop] == Approx(500).margin(100));
    CHECK(struck[FaultKind::garbled] == Approx(475).margin(100));
    CHECK(struck.size() == 2);
}

TEST_CASE("a fault can be changed and taken back", "[simulator]") {
    Dice dice(1);
    FaultPlan plan;
    plan.add(rule_of("drop 1"));
    plan.add(rule_of("drop 0"));
    CHECK_FALSE(plan.draw("QPW", dice));
    plan.add(rule_of("drop 1"));
    plan.add(rule_of("drop off"));
    CHECK_FALSE(plan.draw("QPW", dice));
    plan.add(rule_of("drop 1"));
    plan.add(rule_of("nak next 5"));
    CHECK(plan.draw("QPW", dice)->kind == FaultKind::nak);
    plan.clear();
    CHECK_FALSE(plan.draw("QPW", dice));
}
