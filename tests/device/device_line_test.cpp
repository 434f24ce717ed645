// SPDX-License-Identifier: MIT
#include "device/device_line.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "protocol/frame.h"

using namespace pwlog;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

namespace {

/// Time passes only where somebody waits, and then to the very end of the wait.
class WaitedClock final : public Clock {
  public:
    WallTime wall_now() const override { return WallTime(std::chrono::hours(1) + passed()); }
    SteadyTime steady_now() const override { return now_; }
    bool wait_until(SteadyTime when, const std::stop_token&) const override {
        ++waits_;
        return pass_until(when), true;
    }
    bool synchronised() const override { return true; }

    void pass_until(SteadyTime when) const { now_ = std::max(now_, when); }
    int waits() const { return waits_; }

  private:
    WallTime::duration passed() const {
        return std::chrono::duration_cast<WallTime::duration>(now_.time_since_epoch());
    }
    mutable SteadyTime now_{1h};
    mutable int waits_ = 0;
};

/// A line on which each answer's bytes come when `arrival` says.
class TimedLink final : public Link {
  public:
    /// When byte `i` of `count` is there, after the request's end.
    using Arrival = nanoseconds (*)(std::size_t i, std::size_t count);

    TimedLink(const WaitedClock& clock, Arrival arrival) : clock_(clock), arrival_(arrival) {}

    /// Of the next question.
    void answer(const std::string& payload) { answer_ = frame(payload); }
    SteadyTime last_arrival() const { return last_arrival_; }
    int waits = 0;                   // that a byte or the deadline ended
    std::size_t most_at_once = 256;  // that one read brings, however many are there

    Result<void> write(std::string_view bytes, SteadyTime, const std::stop_token&) override {
        const auto ends =
            clock_.steady_now() +
            nanoseconds(static_cast<nanoseconds::rep>(wire_seconds(bytes.size()) * 1e9));
        for (std::size_t i = 0; i < answer_.size(); ++i) {
            coming_.emplace_back(ends + arrival_(i, answer_.size()), answer_[i]);
        }
        last_arrival_ = coming_.empty() ? ends : coming_.back().first;
        return {};
    }

    Result<std::size_t> read(std::span<char> buffer, SteadyTime deadline,
                             const std::stop_token&) override {
        if (coming_.empty() || coming_.front().first > clock_.steady_now()) {
            ++waits;
            const bool comes = !coming_.empty() && coming_.front().first <= deadline;
            clock_.pass_until(comes ? coming_.front().first : deadline);
            if (!comes) {
                return fail(ErrorKind::timeout, "no byte before the deadline");
            }
        }
        std::size_t count = 0;
        while (!coming_.empty() && coming_.front().first <= clock_.steady_now() &&
               count < std::min(buffer.size(), most_at_once)) {
            buffer[count++] = coming_.front().second;
            coming_.pop_front();
        }
        return count;
    }

    Result<void> discard_input() override { return {}; }
    const std::string& name() const override { return name_; }

  private:
    const WaitedClock& clock_;
    Arrival arrival_;
    std::string answer_;
    std::deque<std::pair<SteadyTime, char>> coming_;
    SteadyTime last_arrival_{};
    std::string name_ = "/dev/ttyS7";
};

constexpr auto thinking = 5ms;
constexpr nanoseconds a_byte{4'166'667};

nanoseconds on_the_wire(std::size_t i) {
    return thinking + a_byte * static_cast<nanoseconds::rep>(i + 1);
}

/// Each as it leaves the device.
nanoseconds singly(std::size_t i, std::size_t) { return on_the_wire(i); }

/// A UART's FIFO: eight at once, the rest after four bytes' time of silence.
nanoseconds by_fifo(std::size_t i, std::size_t count) {
    const std::size_t last_of_eight = i / 8 * 8 + 7;
    return last_of_eight < count ? on_the_wire(last_of_eight) : on_the_wire(count - 1) + 4 * a_byte;
}

/// A hidraw device: eight at once, and the rest when the answer is over.
nanoseconds by_report(std::size_t i, std::size_t count) {
    return on_the_wire(std::min(i / 8 * 8 + 7, count - 1));
}

/// A USB adapter with a latency timer: what came in, each 16 ms.
nanoseconds by_latency_timer(std::size_t i, std::size_t) {
    constexpr auto period = nanoseconds(16ms);
    return (on_the_wire(i) / period + 1) * period;
}

/// One question; returns for how long its answer had been there when it was handed out.
nanoseconds ask(DeviceLine& line, const TimedLink& link, const WaitedClock& clock) {
    REQUIRE(line.keep_gap({}));
    REQUIRE(line.send("QGS", {}));
    REQUIRE(line.receive("QGS", 79, DeviceLine::Wait::as_learned, {}));
    return clock.steady_now() - link.last_arrival();
}

struct Seen {
    double waits;        ///< an answer, those before its question included
    nanoseconds latest;  ///< of any, from its last byte's arrival until it was handed out
};

/// Forty answers of the length of a PDU's, once the pace has been learned.
Seen listen(TimedLink::Arrival arrival, std::size_t most_at_once = 256) {
    const WaitedClock clock;
    auto owned = std::make_unique<TimedLink>(clock, arrival);
    auto& link = *owned;
    DeviceLine line(std::move(owned), LineOptions(), clock);
    link.most_at_once = most_at_once;
    const std::string payload(79, '7');
    link.answer(payload);
    Seen seen{0, 0ns};
    int before = 0;
    constexpr int learning = 12;
    constexpr int watched = 40;
    for (int i = 0; i < learning + watched; ++i) {
        if (i == learning) {
            before = link.waits + clock.waits();
            seen.latest = 0ns;
        }
        REQUIRE(line.keep_gap({}));
        REQUIRE(line.send("QGS", {}));
        const auto answer = line.receive("QGS", payload.size(), DeviceLine::Wait::as_learned, {});
        REQUIRE(answer);
        REQUIRE(answer->payload == payload);
        seen.latest = std::max<nanoseconds>(seen.latest, clock.steady_now() - link.last_arrival());
    }
    seen.waits = static_cast<double>(link.waits + clock.waits() - before) / watched;
    return seen;
}

}  // namespace

TEST_CASE("a steady device wakes the reader for the gap and for the answer's end", "[device]") {
    SECTION("bytes come singly") {
        const auto seen = listen(singly);
        CHECK(seen.waits < 2.5);
        CHECK(seen.latest < 1ms);
    }
    SECTION("a FIFO of eight bytes") {
        const auto seen = listen(by_fifo);
        CHECK(seen.waits < 2.5);
        CHECK(seen.latest < 1ms);
    }
    SECTION("reports of eight bytes, each a read of its own") {
        const auto seen = listen(by_report, 8);
        CHECK(seen.waits < 2.5);
        CHECK(seen.latest < 1ms);
    }
}

TEST_CASE("where answers do not come steadily, a question and its answer wake four times at most",
          "[device]") {
    SECTION("an adapter that holds bytes back for 16 ms") {
        const auto seen = listen(by_latency_timer);
        CHECK(seen.waits <= 4);
        CHECK(seen.latest < 4ms);
    }
    SECTION("a device that thinks for 5 to 25 ms") {
        static std::mt19937 dice;
        static nanoseconds longer;
        const auto seen = listen([](std::size_t i, std::size_t count) {
            longer = i == 0 ? nanoseconds(dice() % 20'000'000) : longer;
            return longer + singly(i, count);
        });
        CHECK(seen.waits <= 4);
        CHECK(seen.latest < 4ms);
    }
}

TEST_CASE("a device whose answers are steady at times is slept through only then", "[device]") {
    const WaitedClock clock;
    static bool is_steady;
    static std::mt19937 dice;
    static nanoseconds longer;
    auto owned = std::make_unique<TimedLink>(clock, [](std::size_t i, std::size_t count) {
        longer = i == 0 ? nanoseconds(is_steady ? 0 : dice() % 20'000'000) : longer;
        return longer + singly(i, count);
    });
    auto& link = *owned;
    DeviceLine line(std::move(owned), LineOptions(), clock);
    link.answer(std::string(79, '7'));
    nanoseconds latest{};
    int before = 0;
    for (int i = 0; i < 300; ++i) {
        is_steady = i < 100 || i >= 200;
        if (i == 80 || i == 280) {
            before = link.waits + clock.waits();
        }
        latest = std::max(latest, ask(line, link, clock));
        if (i == 99 || i == 299) {
            CHECK(link.waits + clock.waits() - before < 50);  // of twenty answers
        }
        if (i == 110) {  // it has been noticed by then
            latest = 0ns;
        }
    }
    CHECK(latest < 4ms);
}

TEST_CASE("an answer that is late for once makes those behind it no later", "[device]") {
    const WaitedClock clock;
    static bool is_late;
    auto owned = std::make_unique<TimedLink>(clock, [](std::size_t i, std::size_t count) {
        return singly(i, count) + (is_late ? 5ms : 0ms);
    });
    auto& link = *owned;
    DeviceLine line(std::move(owned), LineOptions(), clock);
    link.answer(std::string(79, '7'));
    for (int i = 0; i < 200; ++i) {
        is_late = i % 50 == 40;
        CHECK(ask(line, link, clock) < 600us);
    }
}

TEST_CASE("a device that becomes faster is soon not slept through", "[device]") {
    const WaitedClock clock;
    static bool is_fast;
    is_fast = false;
    auto owned = std::make_unique<TimedLink>(clock, [](std::size_t i, std::size_t count) {
        return is_fast ? on_the_wire(i) / 2 : singly(i, count);
    });
    auto& link = *owned;
    DeviceLine line(std::move(owned), LineOptions(), clock);
    link.answer(std::string(79, '7'));
    nanoseconds late{};
    for (int i = 0; i < 400; ++i) {
        is_fast = i >= 20;
        late = ask(line, link, clock);
    }
    CHECK(late < 1ms);
}
