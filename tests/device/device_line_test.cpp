// SPDX-License-Identifier: MIT
#include "device/device_line.h"

#include <catch2/catch.hpp>
#include <memory>
#include <random>

#include "timed_link.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

/// A line, and what is asked on it.
class Asked {
  public:
    explicit Asked(TimedLink::Arrival arrival) {
        auto owned = std::make_unique<TimedLink>(clock, std::move(arrival));
        link = owned.get();
        line_ = std::make_unique<DeviceLine>(std::move(owned), LineOptions(), clock);
    }
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;

    /// One question; returns for how long its answer had been there when it was handed out. None
    /// where there was none in time.
    std::optional<nanoseconds> ask(std::size_t bytes = 79, std::size_t expected_bytes = 79) {
        const std::string payload(bytes, '7');
        link->answer(payload);
        REQUIRE(line_->keep_gap({}));
        REQUIRE(line_->send("QGS", {}));
        const auto answer = line_->receive("QGS", expected_bytes, DeviceLine::Wait::as_learned, {});
        if (!answer) {
            REQUIRE(line_->drain(600ms, {}));
            return std::nullopt;
        }
        REQUIRE(answer->payload == payload);
        return clock.steady_now() - link->last_arrival();
    }
    nanoseconds late(std::size_t bytes = 79, std::size_t expected_bytes = 79) {
        const auto late = ask(bytes, expected_bytes);
        REQUIRE(late);
        return *late;
    }
    int waits() const { return link->waits + clock.waits(); }

    TimedLink* link = nullptr;
    const WaitedClock clock;

  private:
    std::unique_ptr<DeviceLine> line_;
};

struct Seen {
    double waits = 0;      ///< an answer, those before its question included
    nanoseconds latest{};  ///< of any, from its last byte's arrival until it was handed out
};

/// Forty answers of the length of a PDU's, once the pace has been learned.
Seen listen(TimedLink::Arrival arrival, std::size_t most_at_once = 256) {
    Asked asked(std::move(arrival));
    asked.link->most_at_once = most_at_once;
    Seen seen;
    int before = 0;
    constexpr int learning = 12;
    constexpr int watched = 40;
    for (int i = 0; i < learning + watched; ++i) {
        if (i == learning) {
            before = asked.waits();
            seen.latest = 0ns;
        }
        seen.latest = std::max(seen.latest, asked.late());
    }
    seen.waits = static_cast<double>(asked.waits() - before) / watched;
    return seen;
}

}  // namespace

TEST_CASE("a question and its answer wake the reader four times at most", "[device]") {
    SECTION("bytes come singly") {
        const auto seen = listen(singly);
        CHECK(seen.waits <= 4);
        CHECK(seen.latest < 1ms);
    }
    SECTION("a FIFO of eight bytes") {
        const auto seen = listen(by_fifo);
        CHECK(seen.waits <= 4);
        CHECK(seen.latest < 1ms);
    }
    SECTION("reports of eight bytes, each a read of its own") {
        const auto seen = listen(by_report, 8);
        CHECK(seen.waits <= 4);
        CHECK(seen.latest < 1ms);
    }
    SECTION("an adapter that holds bytes back for 16 ms") {
        const auto seen = listen(by_latency_timer);
        CHECK(seen.waits <= 4);
        CHECK(seen.latest < 4ms);
    }
    SECTION("a device that thinks for 5 to 25 ms") {
        std::mt19937 dice;
        nanoseconds longer{};
        const auto seen = listen([&](std::size_t i, std::size_t count) {
            longer = i == 0 ? nanoseconds(dice() % 20'000'000) : longer;
            return longer + singly(i, count);
        });
        CHECK(seen.waits <= 4);
        CHECK(seen.latest < 1ms);
    }
}

TEST_CASE("what comes behind the gap answers no question, not even the same one", "[device]") {
    Asked asked(singly);
    (void)asked.late();
    asked.link->comes_unasked(frame(std::string(79, '6')), asked.clock.steady_now() + 50ms);
    asked.clock.pass_until(asked.clock.steady_now() + 1s);
    (void)asked.late();  // which looks at what the answer says
}

TEST_CASE("an answer that is late for once makes those behind it no later", "[device]") {
    bool is_late = false;
    Asked asked(
        [&](std::size_t i, std::size_t count) { return singly(i, count) + (is_late ? 5ms : 0ms); });
    for (int i = 0; i < 200; ++i) {
        is_late = i % 50 == 40;
        CHECK(asked.late() < 1ms);
    }
}

TEST_CASE("a device that becomes faster is soon not slept past", "[device]") {
    bool is_fast = false;
    SECTION("its bytes come twice as fast") {
        Asked asked([&](std::size_t i, std::size_t count) {
            return is_fast ? on_the_wire(i) / 2 : singly(i, count);
        });
        nanoseconds late{};
        for (int i = 0; i < 400; ++i) {
            is_fast = i >= 20;
            late = asked.late();
        }
        CHECK(late < 1ms);
    }
    SECTION("it thinks for 5 ms where it thought for 100") {
        Asked asked([&](std::size_t i, std::size_t count) {
            return singly(i, count) + (is_fast ? 0ms : 95ms);
        });
        int late = 0;
        for (int i = 0; i < 300; ++i) {
            is_fast = i >= 50;
            late += asked.late() > 4ms ? 1 : 0;
        }
        CHECK(late < 30);
    }
}

TEST_CASE("where reading takes its time an answer is no later for that", "[device]") {
    const nanoseconds a_read = GENERATE(12us, 150us, 2ms);
    Asked asked(by_report);  // ten reports
    asked.link->most_at_once = 8;
    asked.link->read_takes = a_read;
    nanoseconds late{};
    for (int i = 0; i < 1000; ++i) {
        late = asked.late(77, 77);
    }
    CHECK(late < 1ms + 10 * a_read);
}

TEST_CASE("an answer in packets is waited for, however it fell on the last ones", "[device]") {
    Asked asked(by_packet);
    int lost = 0;
    for (int i = 0; i < 1000; ++i) {
        for (const std::size_t bytes : {80, 44}) {
            lost += asked.ask(bytes, bytes) ? 0 : 1;
        }
    }
    CHECK(lost == 0);
}

TEST_CASE("answers that are slow now and then make the others no later", "[device]") {
    const int each = GENERATE(2, 3, 4, 8);
    bool is_slow = true;
    Asked asked([&](std::size_t i, std::size_t count) {
        return singly(i, count) + (is_slow ? 55ms : 0ms);
    });
    int late = 0;
    for (int i = 0; i < 1000; ++i) {
        is_slow = i < 30 || i % each == 0;
        late += asked.late() > 4ms && i >= 500 ? 1 : 0;
    }
    CHECK(late < 25);
}

TEST_CASE("an answer that has become shorter is not slept past", "[device]") {
    Asked asked(singly);
    nanoseconds late{};
    for (int i = 0; i < 400; ++i) {
        late = asked.late(i < 20 ? 79 : 59);
    }
    CHECK(late < 4ms);
}

TEST_CASE("a device that is not steady is not slept past", "[device]") {
    const unsigned jitter_ms = GENERATE(4U, 6U, 20U);
    std::mt19937 dice;
    nanoseconds longer{};
    Asked asked([&](std::size_t i, std::size_t count) {
        longer = i == 0 ? nanoseconds(dice() % (jitter_ms * 1'000'000)) : longer;
        return longer + singly(i, count);
    });
    nanoseconds sum{};
    for (int i = 0; i < 2000; ++i) {
        sum += asked.late();
    }
    CHECK(sum / 2000 < 1ms);
}
