// SPDX-License-Identifier: MIT
// Cycles that reach past the next tick: who asked for something is served all the same.
#include <catch2/catch.hpp>
#include <latch>

#include "protocol/identity.h"
#include "sampling/sampled_pdu.h"
#include "sampling/sampler.h"
#include "simulated_line.h"
#include "spool/spool.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

constexpr int cycles_in_all = 60;
constexpr int posted_behind = 3;

/// Is told of the end of each cycle.
class Ends final : public Witness {
  public:
    explicit Ends(std::function<void()> tell) : tell_(std::move(tell)) {}
    void cycle_ended() override { tell_(); }

  private:
    std::function<void()> tell_;
};

/// How many cycles a job lets go first; none where it never began. A cycle takes some 1.2 s.
std::optional<int> cycles_let_go(std::chrono::milliseconds interval,
                                 std::chrono::milliseconds takes) {
    const TempDir folder;
    JumpingClock clock(std::chrono::sys_days(std::chrono::year(2026) / 11 / 14));
    SimulatedLine line(simulator::DeviceKind::pdu, {}, clock);
    SpoolOptions options;
    options.directory = folder.path();
    options.flush_interval = 1h;
    auto spool = Spool::open(options, clock);
    REQUIRE(spool);
    Recorder recorder(**spool, {"pi", "0.1.0", {}, true}, clock);
    PduDevice device(Session([&line](const std::stop_token&) { return line.open(); },
                             pdu::protocol_id, {}, clock),
                     clock);
    PduContext context;
    context.device = {"rack1-pdu", ""};
    SamplerOptions sampling;
    sampling.interval = interval;
    Sampler sampler(std::make_unique<SampledPdu>(std::move(device), context, 3 * interval),
                    recorder, sampling, clock);
    int cycles = 0;
    std::optional<int> let_go;
    std::latch started(1);
    Ends ends([&] {
        started.wait();
        if (++cycles == posted_behind) {
            sampler.post(
                [&](SampledDevice&, const std::stop_token&) { let_go = cycles - posted_behind; },
                takes);
        } else if (cycles == cycles_in_all) {
            sampler.request_stop();
        }
    });
    sampler.set_witness(&ends);
    REQUIRE(sampler.start());
    started.count_down();
    sampler.join();
    return let_go;
}

}  // namespace

TEST_CASE("a job begins behind the second cycle at most, however far cycles reach past their tick",
          "[events]") {
    for (auto interval = 1000ms; interval <= 1400ms; interval += 8ms) {
        CAPTURE(interval.count());
        const auto let_go = cycles_let_go(interval, 1100ms);
        REQUIRE(let_go);
        CHECK(*let_go <= 2);
        const auto at_once = cycles_let_go(interval, 0ms);
        REQUIRE(at_once);
        CHECK(*at_once == 0);
    }
}
