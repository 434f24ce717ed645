// SPDX-License-Identifier: MIT
#include "sampling/job_queue.h"

#include <catch2/catch.hpp>

using namespace pwlog;
using namespace std::chrono_literals;

namespace {

constexpr SteadyTime start{};
constexpr SteadyTime tick = start + 10s;

JobQueue::Job nothing() {
    return [](SampledDevice&, const std::stop_token&) {};
}

}  // namespace

TEST_CASE("a job begins where there is time for it before the tick, else behind its cycle",
          "[agent]") {
    JobQueue queue;
    queue.post(nothing(), 1s);
    CHECK(queue.is_due(tick - 1s, tick));
    CHECK_FALSE(queue.take(tick - 999ms, tick));
    queue.cycle_done(false);
    CHECK(queue.take(tick - 1ms, tick));  // whatever time is left now
    CHECK_FALSE(queue.is_due(start, tick));
}

TEST_CASE("each cycle is followed by one job at least, however short the interval", "[agent]") {
    JobQueue queue;
    for (int i = 0; i < 3; ++i) {
        queue.post(nothing(), 1h);
    }
    for (int cycles = 0; cycles < 3; ++cycles) {
        CHECK_FALSE(queue.take(start, tick));
        queue.cycle_done(false);
        CHECK(queue.take(start, tick));
    }
}

TEST_CASE("a cycle before it was posted is none that a job has let go first", "[agent]") {
    JobQueue queue;
    queue.cycle_done(false);
    queue.post(nothing(), 1s);
    CHECK_FALSE(queue.is_due(tick - 1ms, tick));
}

TEST_CASE("what must not wait begins at once", "[agent]") {
    JobQueue queue;
    queue.post(nothing(), 0s);
    CHECK(queue.take(tick, tick));
}

TEST_CASE("a job lets a cycle that is late catch up, once", "[agent]") {
    JobQueue queue;
    queue.post(nothing(), 1h);
    queue.cycle_done(true);
    CHECK_FALSE(queue.take(start, tick));
    queue.cycle_done(true);
    CHECK(queue.take(start, tick));
}
