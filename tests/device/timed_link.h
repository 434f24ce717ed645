// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "link/link.h"
#include "protocol/frame.h"

namespace pwlog::test {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

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
    using Arrival = std::function<nanoseconds(std::size_t i, std::size_t count)>;

    TimedLink(const WaitedClock& clock, Arrival arrival)
        : clock_(clock), arrival_(std::move(arrival)) {}

    /// Of the next question.
    void answer(const std::string& payload) { answer_ = frame(payload); }
    /// All at once, before anything else is asked.
    void comes_unasked(const std::string& bytes, SteadyTime when) {
        for (const char byte : bytes) {
            coming_.emplace_back(when, byte);
        }
    }
    SteadyTime last_arrival() const { return last_arrival_; }
    int waits = 0;                   ///< that a byte or the deadline ended
    std::size_t most_at_once = 256;  ///< that one read brings, however many are there
    nanoseconds read_takes{0};       ///< each that brings bytes

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
            waits += deadline > clock_.steady_now() ? 1 : 0;
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
        clock_.pass_until(clock_.steady_now() + read_takes);
        return count;
    }

    Result<void> discard_input() override {
        while (!coming_.empty() && coming_.front().first <= clock_.steady_now()) {
            coming_.pop_front();
        }
        return {};
    }
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

inline nanoseconds on_the_wire(std::size_t i) {
    return thinking + a_byte * static_cast<nanoseconds::rep>(i + 1);
}

/// Each as it leaves the device.
inline nanoseconds singly(std::size_t i, std::size_t) { return on_the_wire(i); }

/// A UART's FIFO: eight at once, the rest after four bytes' time of silence.
inline nanoseconds by_fifo(std::size_t i, std::size_t count) {
    const std::size_t last_of_eight = i / 8 * 8 + 7;
    return last_of_eight < count ? on_the_wire(last_of_eight) : on_the_wire(count - 1) + 4 * a_byte;
}

/// A hidraw device: eight at once, and the rest when the answer is over.
inline nanoseconds by_report(std::size_t i, std::size_t count) {
    return on_the_wire(std::min(i / 8 * 8 + 7, count - 1));
}

/// A USB adapter with a latency timer: what came in, each 16 ms.
inline nanoseconds by_latency_timer(std::size_t i, std::size_t) {
    constexpr auto period = nanoseconds(16ms);
    return (on_the_wire(i) / period + 1) * period;
}

/// A serial server: packets of 64 bytes, and the rest once nothing has come for 5 ms.
inline nanoseconds by_packet(std::size_t i, std::size_t count) {
    return i < 64 && count > 64 ? on_the_wire(63) : on_the_wire(count - 1) + 5ms;
}

}  // namespace pwlog::test
